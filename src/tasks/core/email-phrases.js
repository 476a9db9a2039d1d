/**
 * The goals of the email tasks in natural language, phrases of our own. Needs email-inbox.js. As on MiniWoB++'s pages,
 * core.getUtterance() gives the goal with its parts, but in the data mode `test` the goal alone.
 */

/** NAME is the sender, DEST who gets a forwarded mail, MSG the text of a reply. The mode `test` has phrases of its own. */
ui.EMAIL_PHRASES = {
  forward: {
    train: [
      "Forward NAME's email to DEST.",
      'Please send the mail that NAME wrote to DEST.',
      'Pass the message from NAME on to DEST.',
      'DEST needs to see what NAME wrote. Forward it.',
      'Could you forward what I got from NAME to DEST?',
      'Look up the email of NAME, then forward it to DEST.',
      'Open the mail by NAME and pass it along to DEST.',
      'I would like DEST to have the email that NAME sent.',
      'Let DEST read the message I received from NAME.',
      'Send DEST a copy of the email from NAME.',
      "Share NAME's email with DEST.",
      'Make sure that DEST gets the mail from NAME.',
      'There is an email from NAME. Forward this to DEST.',
      'Find what NAME sent me and forward it to DEST.',
      'To DEST, forward the email written by NAME.',
      'Go to my inbox, open the email by NAME and send it on to DEST.',
      'The email from NAME has to go to DEST.',
      "Relay NAME's message to DEST, please.",
      'DEST asked for the email from NAME. Send it over.',
      'Kindly forward the message by NAME to DEST.',
      'Have the mail of NAME delivered to DEST.',
      'Get the email from NAME over to DEST.',
      'NAME sent an email that DEST should receive too.',
      'Forward to DEST whatever NAME wrote to me.',
    ],
    test: ["Would you mind sending NAME's note on to DEST?", 'DEST is to be forwarded the email by NAME.'],
  },
  reply: {
    train: [
      'Reply to NAME with "MSG".',
      'Answer the email by NAME with the text "MSG".',
      'Write "MSG" back to NAME.',
      'Please respond to the mail of NAME: "MSG"',
      'Tell NAME "MSG" in a reply to their email.',
      'Open the message from NAME and reply "MSG".',
      'Send "MSG" as the answer to the email from NAME.',
      'NAME is waiting for an answer. Reply "MSG".',
      'Find the email by NAME, then answer it with "MSG".',
      'Let NAME know "MSG" by replying to their mail.',
      'Type "MSG" as a response to NAME and send it.',
      'In reply to NAME, write "MSG".',
      'Could you answer NAME with "MSG"?',
      'Get back to NAME with the message "MSG".',
      'Look for the email from NAME and reply with the words "MSG".',
      'The answer to the email of NAME is "MSG". Send it.',
      'I want to reply "MSG" to NAME.',
      'Respond "MSG" to what NAME wrote.',
      'Use the text "MSG" to reply to the email by NAME.',
      'Go to the email by NAME and write back "MSG".',
    ],
    test: ['Return "MSG" to NAME as an answer.', 'Answer NAME by writing "MSG".'],
  },
  delete: {
    train: [
      'Delete the email by NAME.',
      'Please throw away the message from NAME.',
      "Remove NAME's mail from my inbox.",
      'I no longer need the email from NAME. Trash it.',
      'Get rid of what NAME sent.',
      'Find the mail by NAME and delete it.',
      'Put the email from NAME into the trash.',
      'Erase the message that NAME wrote.',
      'The email of NAME can go. Delete it.',
      "Could you delete NAME's message?",
      'Clear the email by NAME out of the inbox.',
      'Discard the mail I got from NAME.',
      'Trash the email that came from NAME.',
      'Take the message by NAME out of my mail.',
      'Click the trash icon of the email by NAME.',
      'Look for the email NAME sent, and delete it.',
      "NAME's email is of no use. Remove it.",
      'Bin the message from NAME.',
      'I want the email from NAME deleted.',
      'Make the mail by NAME disappear.',
    ],
    test: ["Drop NAME's email into the trash.", 'Dispose of the message by NAME.'],
  },
  important: {
    train: [
      'Star the email by NAME.',
      'Mark the message from NAME as important.',
      "Please put a star on NAME's mail.",
      'The email from NAME matters. Star it.',
      'Flag what NAME sent as important.',
      'Find the mail by NAME and mark it with a star.',
      'Give the email of NAME a star.',
      'NAME wrote something important. Star the email.',
      'Could you star the message by NAME?',
      "I want NAME's email to be marked as important.",
      'Make the email from NAME an important one.',
      'Look for the email by NAME and star it.',
      'Add a star to the message that NAME wrote.',
      'Click the star of the mail from NAME.',
      'Set the email by NAME as important.',
      "Highlight NAME's message with a star.",
      'Mark the email NAME sent me with a star.',
      'Let the mail from NAME be starred.',
      'Remember the email by NAME with a star.',
      'Note the message from NAME as important.',
    ],
    test: ["Tag NAME's mail with a star.", 'Importance: give the email by NAME a star.'],
  },
};

/** Starts an episode with `count` mails and one of `actions`. Mails are forwarded to the sender of another one. */
ui.emailTaskInWords = function (count, actions) {
  var mails = ui.makeMails(count);
  var [email, other] = core.shuffle(mails.slice());
  var wanted = { email: email, action: core.sample(actions) };
  var fields = { task: wanted.action === 'important' ? 'star' : wanted.action, by: email.name };
  if (wanted.action === 'reply') fields.message = wanted.reply = ui.generateWords(1, 5);
  if (wanted.action === 'forward') fields.to = wanted.forward = other.name;
  var phrases = ui.EMAIL_PHRASES[wanted.action];
  var phrase = core.sample(WOB_DATA_MODE === 'test' ? phrases.test : phrases.train);
  ui.query(phrase.replace('NAME', fields.by).replace('DEST', fields.to).replace('MSG', fields.message));
  core.currentFields = fields;
  ui.inbox(mails, wanted);
};

core.getUtterance = (function (plain) {
  return function () {
    if (WOB_DATA_MODE === 'test') return plain();
    return { utterance: plain(), fields: core.currentFields };
  };
})(core.getUtterance);
