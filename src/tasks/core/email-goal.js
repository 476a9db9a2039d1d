/** The goals of the email tasks in fixed words. Needs email-inbox.js. */

/** Starts an episode with `count` mails and one of `actions`; the goal names sender and action. */
ui.emailTask = function (count, actions) {
  var mails = ui.makeMails(count);
  var wanted = { email: core.sample(mails), action: core.sample(actions) };
  var fields = { task: wanted.action, by: wanted.email.name };
  function bold(text) {
    return ui.el('span', { className: 'bold', textContent: text });
  }
  var find = ['Find the email by ', bold(fields.by)];
  if (wanted.action === 'reply') {
    fields.message = wanted.reply = ui.generateWords(1, 5);
    ui.query(...find, ' and reply to them with the text "', bold(wanted.reply), '".');
  } else if (wanted.action === 'forward') {
    fields.to = wanted.forward = core.sample(ui.NAMES);
    ui.query(...find, ' and forward that email to ', bold(wanted.forward), '.');
  } else if (wanted.action === 'delete') {
    ui.query(...find, ' and click the trash icon to delete it.');
  } else {
    ui.query(...find, ' and click the star icon to mark it as important.');
  }
  core.currentFields = fields;
  ui.inbox(mails, wanted);
};
