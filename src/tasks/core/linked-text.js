/** Running text in which some words are links, for the tasks that ask for one of them. */

/**
 * `count` words, of which about a fifth are links.
 *
 * @param links  gets every link that was made.
 * @returns the text's nodes, words between links joined.
 */
ui.linkedText = function (count, links) {
  var nodes = [];
  ui.generateWords(count)
    .split(' ')
    .forEach(function (word, i) {
      var space = i === 0 ? '' : ' ';
      if (core.randf(0, 1) < 0.2) {
        var link = ui.el('span', { className: 'alink', textContent: word });
        links.push(link);
        if (space) nodes.push(space);
        nodes.push(link);
      } else if (typeof nodes[nodes.length - 1] === 'string') nodes[nodes.length - 1] += space + word;
      else nodes.push(space + word);
    });
  return nodes;
};

/** Picks a link; it, and any other that reads alike, pays 1, all others -1. Returns how it reads. */
ui.wantLink = function (links) {
  var wanted = core.sample(links).textContent;
  links.forEach(function (link) {
    var right = link.textContent === wanted;
    link.addEventListener('click', function () {
      core.endEpisode(right ? 1 : -1, right);
    });
  });
  return wanted;
};
