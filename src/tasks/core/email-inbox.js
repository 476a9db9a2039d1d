/** The inbox of the email tasks: a list of mails, a search, one mail opened, and the forms that reply to and forward it. */

/** An element with a class, or an id where the name begins with #. */
ui.part = function (tag, name, children) {
  var props = name.startsWith('#') ? { id: name.slice(1) } : { className: name };
  return ui.el(tag, props, children);
};

/**
 * Generates mails and fills #area with them. An icon or form of another action than the one asked for does not end the episode,
 * but for a sent mail.
 *
 * @param mails  how many.
 * @returns the mails, `{ name, subject, body }`, senders all different.
 */
ui.makeMails = function (mails) {
  var names = core.shuffle(ui.NAMES.slice());
  return names.slice(0, mails).map(function (name) {
    return { name: name, subject: ui.generateWords(1, 3), body: ui.generateWords(5, 15) };
  });
};

/**
 * Shows the inbox.
 *
 * @param mails  from `makeMails`.
 * @param wanted  `{ action, email, reply, forward }`: what pays. Actions are reply, forward, delete and important.
 */
ui.inbox = function (mails, wanted) {
  var part = ui.part;
  var main = part('div', '#main', [
    part('div', '#main-header', [ui.el('h2', { textContent: 'Primary' }), part('span', '#open-search')]),
  ]);
  var input = ui.el('input', { type: 'text', id: 'search-input', placeholder: 'Search' });
  var results = part('div', '#search-results');
  var search = part('div', '#search', [
    part('div', '#search-bar', [
      part('div', '#search-header', [part('span', '#search-cancel'), ' ', ui.el('span', {}, [input])]),
    ]),
    part('div', '#results-header', [ui.el('h4', { textContent: 'Results' })]),
    results,
  ]);
  search.className = 'hide';

  /** The action's icons end the episode, right or wrong, when that action is the one asked for. */
  function iconsOf(mail) {
    function act(icon, action) {
      icon.addEventListener('click', function (event) {
        event.stopPropagation();
        if (action === 'important') icon.classList.toggle('clicked');
        if (wanted.action === action) core.endEpisode(mail === wanted.email ? 1 : -1, mail === wanted.email);
      });
      return icon;
    }
    return part('div', 'email-actions', [
      act(part('span', 'trash'), 'delete'),
      ' ',
      act(part('span', 'star'), 'important'),
    ]);
  }

  function shortened(text) {
    return text.length < 15 ? text : text.slice(0, 15) + '..';
  }

  /** Text with the parts that were searched for marked. */
  function marked(text, sought) {
    var at = sought ? text.indexOf(sought) : -1;
    if (at < 0) return [text];
    var mark = ui.el('span', { className: 'highlight', textContent: sought });
    return [text.slice(0, at), mark, text.slice(at + sought.length)];
  }

  function thread(mail, sought) {
    var subject = sought ? mail.subject : shortened(mail.subject);
    var row = part('div', 'email-thread', [
      part('div', 'email-left', [
        part('div', 'email-sender', marked(mail.name, sought)),
        part('div', 'email-subject', marked(subject, sought)),
        part('div', 'email-body', marked(shortened(mail.body), sought)),
      ]),
      ' ',
      part('div', 'email-right', [part('div', 'email-time'), iconsOf(mail)]),
    ]);
    row.addEventListener('click', function () {
      open(mail);
    });
    return row;
  }

  /** A form over the opened mail, with an arrow back and an icon that sends. */
  function form(name, lines, text, right) {
    var back = part('span', '#close-' + name);
    var send = part('span', '#send-' + name);
    var box = part('div', '#' + name, [
      ui.el('div', { id: name + '-bar', className: 'send-bar' }, [back, ' ', send]),
      part('div', name + '-header', lines),
      part('div', name + '-body', [text]),
    ]);
    var email = document.getElementById('email');
    email.className = 'hide';
    document.getElementById('area').append(box);
    back.addEventListener('click', function () {
      box.remove();
      email.className = '';
    });
    send.addEventListener('click', function () {
      core.endEpisode(right() ? 1 : -1, right());
    });
  }

  function line(name, label, children) {
    return ui.el('div', { className: name + ' send-line' }, [
      ui.el('label', { textContent: label + ': ' }),
      ...children,
    ]);
  }

  function reply(mail) {
    var text = ui.el('textarea', { id: 'reply-text' });
    var sender = ui.el('span', { className: 'reply-sender', textContent: mail.name });
    var lines = [
      line('reply-info', 'to', [sender]),
      line('reply-subject', 'subject', ['Re: ' + mail.subject]),
    ];
    form('reply', lines, text, function () {
      return wanted.action === 'reply' && mail === wanted.email && text.value === wanted.reply;
    });
  }

  function forward(mail) {
    var text = ui.el('textarea', { id: 'forward-text', value: mail.body });
    var to = ui.el('input', { type: 'text', className: 'forward-sender' });
    var lines = [line('forward-info', 'to', [to]), line('forward-subject', 'subject', [mail.subject])];
    form('forward', lines, text, function () {
      var whole = mail === wanted.email && text.value === mail.body;
      return wanted.action === 'forward' && whole && to.value === wanted.forward;
    });
  }

  function open(mail) {
    var close = part('span', '#close-email');
    var replyButton = part('span', 'email-reply', [
      part('div', 'icon'),
      ui.el('div', { textContent: 'Reply' }),
    ]);
    var forwardButton = part('span', 'email-forward', [
      part('div', 'icon'),
      ui.el('div', { textContent: 'Forward' }),
    ]);
    var email = part('div', '#email', [
      part('div', '#email-bar', [close, ' ', iconsOf(mail)]),
      part('div', 'email-header', [
        part('div', 'email-subject', [mail.subject]),
        part('span', 'email-left', [
          part('div', 'email-sender', [mail.name]),
          ui.el('div', { textContent: 'to me' }),
        ]),
        ' ',
        part('span', 'email-right', [part('div', 'email-time')]),
      ]),
      part('div', 'email-body', [mail.body]),
      part('div', 'email-send', [replyButton, ' ', forwardButton]),
    ]);
    main.className = 'hide';
    search.className = 'hide';
    document.getElementById('area').append(email);
    close.addEventListener('click', function () {
      email.remove();
      main.className = '';
    });
    replyButton.addEventListener('click', function () {
      reply(mail);
    });
    forwardButton.addEventListener('click', function () {
      forward(mail);
    });
  }

  main.append(...mails.map(mail => thread(mail, '')));
  main.querySelector('#open-search').addEventListener('click', function () {
    search.className = '';
    main.className = 'hide';
    input.focus();
  });
  search.querySelector('#search-cancel').addEventListener('click', function () {
    search.className = 'hide';
    main.className = '';
    input.value = '';
  });
  input.addEventListener('keyup', function () {
    var sought = input.value;
    var found = mails.filter(mail =>
      [mail.name, mail.subject, mail.body].some(text => text.includes(sought)),
    );
    results.replaceChildren(...(sought.trim() ? found.map(mail => thread(mail, sought)) : []));
  });
  ui.fill([main, search]);
};
