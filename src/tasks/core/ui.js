/** What several task pages build their problems from: word lists, random text, and a terse way to make elements. */

var ui = {};

/**
 * Makes an element. `props` are properties (`textContent`, `className`, `type`, ...), except that `style` is CSS text and names
 * with a dash, `role` and `for` are attributes.
 */
ui.el = function (tag, props, children) {
  var element = document.createElement(tag);
  Object.keys(props || {}).forEach(function (key) {
    if (key === 'style') element.style.cssText = props[key];
    else if (key === 'role' || key === 'for' || key.includes('-')) element.setAttribute(key, props[key]);
    else element[key] = props[key];
  });
  element.append.apply(element, children || []);
  return element;
};

/** Empties #area and puts `children` into it. */
ui.fill = function (children) {
  var area = document.getElementById('area');
  area.replaceChildren.apply(area, children);
  return area;
};

/** Sets the instruction; `parts` are strings and nodes. */
ui.query = function () {
  var query = document.getElementById('query');
  query.replaceChildren.apply(query, arguments);
};

/** Makes #subbtn end the episode: with 1 when `right()` holds, which time shrinks, or else with -1. */
ui.submit = function (right) {
  document.getElementById('subbtn').onclick = function () {
    var reward = right() ? 1 : -1;
    core.endEpisode(reward, reward > 0);
  };
};

ui.ORDINALS = ['1st', '2nd', '3rd', '4th', '5th', '6th', '7th', '8th', '9th', '10th'];

ui.capitalize = function (text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** The pseudo-Latin that fills forms. */
ui.WORDS = (
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed eiusmod tempor incididunt ut labore et dolore magna aliqua enim ' +
  'ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute irure in ' +
  'reprehenderit voluptate velit esse cillum eu fugiat nulla pariatur excepteur sint occaecat cupidatat non proident sunt culpa ' +
  'qui officia deserunt mollit anim id est laborum vitae justo lectus pretium ornare massa tellus urna porta augue felis ' +
  'sagittis viverra purus mauris turpis nunc ante primis faucibus orci luctus ultrices posuere cubilia'
).split(' ');

/** Between min and max - 1 words (exactly `min` when `max` is left out) as sentences that end in a full stop. */
ui.generateWords = function (min, max) {
  var count = max === undefined ? min : core.randi(min, max);
  var text = '';
  var first = true;
  for (var i = 0; i < count; i++) {
    var word = core.sample(ui.WORDS);
    if (first) word = ui.capitalize(word);
    first = i + 1 === count || core.randf(0, 1) < 0.2;
    text += word + (first ? '. ' : ' ');
  }
  return text.trim();
};

ui.ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'.split('');

/** Between min and max - 1 random letters and digits. */
ui.generateString = function (min, max) {
  var count = core.randi(min, max);
  var text = '';
  for (var i = 0; i < count; i++) text += core.sample(ui.ALPHANUMERIC);
  return text;
};

ui.NAMES = (
  'Ada Alan Amara Anton Astrid Beatriz Boris Carla Chidi Clara Dalia Dmitri Edith Elias Emeka Farah Felix Freya Gavin Greta ' +
  'Hana Hugo Imani Ingrid Ivan Jamal Jonas Keiko Kofi Lara Leif Lucia Magnus Maya Milos Nadia Nils Noor Olga Omar Pablo Petra ' +
  'Quentin Rania Rosa Samir Selma Sven Tariq Tessa Uma Viktor Wanda Ximena Yara Yusuf Zoe'
).split(' ');

ui.COUNTRIES = (
  'Albania Algeria Argentina Armenia Austria Bangladesh Belgium Bolivia Brazil Bulgaria Canada Chile Colombia Costa_Rica Croatia ' +
  'Cuba Denmark Ecuador Egypt Estonia Ethiopia Finland France Georgia Germany Ghana Greece Hungary Iceland India Indonesia ' +
  'Ireland Italy Jamaica Japan Kenya Latvia Malaysia Mexico Morocco Nepal Netherlands New_Zealand Nigeria Norway Pakistan Peru ' +
  'Poland Portugal Romania Senegal Singapore Slovenia South_Africa Spain Sri_Lanka Sweden Tunisia Turkey Uganda Uruguay Vietnam'
)
  .split(' ')
  .map(function (name) {
    return name.replace('_', ' ');
  });
