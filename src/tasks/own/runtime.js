/**
 * Makes MiniWoB's page of a user's own task: `own` holds its goal, HTML, setup and reward as texts.
 * What goes wrong is thrown, or ends the episode, with the part's name in front, so that the editor can show it there.
 */

own.EVENTS = [
  'click',
  'dblclick',
  'input',
  'change',
  'submit',
  'keydown',
  'keyup',
  'mousedown',
  'mouseup',
  'mousemove',
];
own.values = {};

/** An error of one part: its name, a colon, what is wrong. */
own.fault = function (part, message) {
  return new Error(`${part}: ${message}`);
};

/** A function of the user's text. */
own.compile = function (part, parameters) {
  try {
    return new Function(parameters, own[part]);
  } catch (error) {
    throw own.fault(part, String(error));
  }
};

/** Puts values into `{{places}}`; `write` makes a value safe for where it goes. */
own.fill = function (part, text, write) {
  return text.replace(/\{\{\s*(\w+)\s*\}\}/g, function (_, name) {
    if (own.values[name] === undefined) throw own.fault(part, `the setup returns no value "${name}"`);
    return write(String(own.values[name]));
  });
};

own.escape = function (text) {
  return text.replace(/[&<>"']/g, function (character) {
    return `&#${character.charCodeAt(0)};`;
  });
};

/** What the reward says of an event: a number, or null to go on. */
own.judge = function (event) {
  var area = document.getElementById('area');
  var value;
  try {
    value = own.decide(event, area, own.values);
  } catch (error) {
    throw own.fault('reward', error.message);
  }
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !(value >= -1 && value <= 1))
    throw own.fault('reward', `it returned ${JSON.stringify(value)} instead of a number from -1 to 1`);
  return value;
};

own.onEvent = function (event) {
  if (event.type === 'submit') event.preventDefault();
  if (WOB_DONE_GLOBAL) return;
  try {
    var reward = own.judge(event);
    if (reward !== null) core.endEpisode(reward, reward > 0);
  } catch (error) {
    document.getElementById('area').prepend(ui.el('pre', { role: 'alert', textContent: error.message }));
    core.endEpisode(-1, false, error.message);
  }
};

function genProblem() {
  var setUp = own.compile('setup', 'core, ui');
  own.decide = own.compile('reward', 'event, area, values');
  try {
    own.values = setUp(core, ui) || {};
  } catch (error) {
    throw own.fault('setup', error.message);
  }
  ui.query(
    own.fill('goal', own.goal, function (text) {
      return text;
    }),
  );
  document.getElementById('area').innerHTML = own.fill('html', own.html, own.escape);
  if (own.judge(new Event('start')) !== null)
    throw own.fault('reward', 'it ends the episode before anything was done; return nothing until then');
}

window.onload = function () {
  own.EVENTS.forEach(function (type) {
    document.getElementById('area').addEventListener(type, own.onEvent);
  });
  core.startEpisode();
};
