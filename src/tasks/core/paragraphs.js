/** Paragraphs whose text must be selected. */

var paragraphs = {};

/** Empties #area, puts the text's box and Submit into it in either order, and returns the box. */
paragraphs.place = function () {
  var box = ui.el('div', { id: 'randomText' });
  var button = ui.el('button', { id: 'subbtn', className: 'secondary-action', textContent: 'Submit' });
  ui.fill(core.randi(0, 2) === 1 ? [box, button] : [button, box]);
  return box;
};

/**
 * So many words, each with a space after it.
 *
 * @param state  `{ first }`, whether the next word begins a sentence; changed, as sentences go on in the next paragraph.
 */
paragraphs.sentence = function (count, state) {
  var text = '';
  for (var i = 0; i < count; i++) {
    var word = core.sample(ui.WORDS);
    if (state.first) word = ui.capitalize(word);
    state.first = Math.random() < 0.2;
    text += word + (state.first ? '. ' : ' ');
  }
  return text;
};

/** Lets Submit compare what is selected with `text`, white space aside. */
paragraphs.judge = function (text) {
  document.getElementById('subbtn').onclick = function () {
    var right = getSelection().toString().replace(/\s/g, '') === text.replace(/\s/g, '');
    core.endEpisode(right ? 1 : -1, right);
  };
};
