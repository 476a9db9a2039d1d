/** Posts of a social network, for the tasks that click their icons. */

/** A post's author: `{ name, username }`. */
ui.makeAuthor = function () {
  var handle = core.sample([core.sample(ui.NAMES), core.sample(ui.WORDS)]);
  return { name: core.sample(ui.NAMES), username: '@' + handle.toLowerCase() };
};

/** A sentence or two for a post. */
ui.postText = function () {
  return ui.generateWords(core.randi(2, 6));
};

/**
 * A post's element.
 *
 * @param post  `{ name, username, time, body }`, time may be left out.
 * @param controls  what stands below it: elements, apart by a space.
 */
ui.post = function (post, controls) {
  function span(name, text) {
    return ui.el('span', { className: name, textContent: text });
  }
  function spaced(nodes) {
    return nodes.flatMap(node => [node, ' ']);
  }
  var details = [span('name', post.name), span('username', post.username)];
  if (post.time) details.push(span('spacer', ''), span('time', post.time));
  return ui.el('div', { className: 'media' }, [
    ui.el('div', { className: 'details' }, spaced(details)),
    ui.el('div', { className: 'body', textContent: post.body }),
    ui.el('div', { className: 'controls' }, spaced(controls)),
  ]);
};

/** Six to eleven posts, most authors with several, in random order. */
ui.makePosts = function () {
  var posts = [];
  var count = core.randi(6, 12);
  while (posts.length < count) {
    var author = posts.length === 0 || core.randf(0, 1) < 0.3 ? ui.makeAuthor() : posts[posts.length - 1];
    posts.push({ name: author.name, username: author.username, body: ui.postText() });
  }
  return core.shuffle(posts);
};

/**
 * The tasks in which an icon is switched on at several posts: fills #area and ends the episode on Submit.
 *
 * @param goal  called with the name of the action, the author and how many posts that author has; sets the instruction and
 *     returns how many of these posts must be on. No other icon may be.
 */
ui.switchPosts = function (goal) {
  var actions = ['reply', 'retweet', 'like', 'share'];
  var posts = ui.makePosts();
  var icons = [];
  var wanted = { action: core.sample(actions), username: core.sample(posts).username };
  var rows = posts.map(function (post) {
    var controls = actions.map(function (action) {
      var icon = ui.el('span', { className: action });
      icon.addEventListener('click', function () {
        icon.classList.toggle('active');
      });
      var right = action === wanted.action && post.username === wanted.username;
      icons.push({ icon: icon, right: right });
      return icon;
    });
    return ui.post(post, controls);
  });
  var own = posts.filter(post => post.username === wanted.username);
  var count = goal(ui.capitalize(wanted.action), wanted.username, own.length);
  var submit = ui.el('button', { type: 'button', id: 'subbtn', textContent: 'Submit' });
  ui.fill(rows.concat(ui.el('p', { id: 'submitRow', style: 'margin:3px 0; text-align:center' }, [submit])));
  ui.submit(function () {
    var on = icons.filter(each => each.icon.classList.contains('active'));
    return on.length === count && on.every(each => each.right);
  });
};
