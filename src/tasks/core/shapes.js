/** Letters, digits and shapes scattered over a grid, and descriptions that leave things out. Needs figures.js. */

var shapes = {
  /** Cells in a row, rows, and the pixels of a cell. */
  CELLS: 7,
  ROWS: 7,
  CELL: 20,
  FEWEST: 3,
  MOST: 20,
  COLORS: ['red', 'green', 'blue', 'aqua', 'black', 'magenta', 'yellow'],
  LETTERS: 'qwertyuiopasdfghjklzxcvbnmQWERTYUIOPASDFGHJKLZXCVBNM',
  DIGITS: '1234567890',
  SHAPES: ['circle', 'rectangle', 'triangle'],
};

/** `count` items in cells of their own: { x, y (cell), color, large, type ('letter', 'digit', 'shape'), text }. */
shapes.scatter = function (count) {
  var taken = new Set();
  var items = [];
  while (items.length < count) {
    var x = core.randi(0, shapes.CELLS);
    var y = core.randi(0, shapes.ROWS);
    if (taken.has(`${x},${y}`)) continue;
    taken.add(`${x},${y}`);
    var color = core.sample(shapes.COLORS);
    var large = core.randf(0, 1) < 0.5;
    var chance = core.randf(0, 1);
    var type = chance < 0.5 ? 'letter' : chance < 0.7 ? 'digit' : 'shape';
    var text = core.sample({ letter: shapes.LETTERS, digit: shapes.DIGITS, shape: shapes.SHAPES }[type]);
    items.push({ x: x, y: y, color: color, large: large, type: type, text: text });
  }
  return items;
};

/** The SVG element of an item. */
shapes.draw = function (item) {
  var x = (item.x + 0.5) * shapes.CELL;
  var y = (item.y + 0.5) * shapes.CELL;
  var size = shapes.CELL / (item.large ? 1 : 2);
  var half = size / 2;
  if (item.type !== 'shape')
    return figures.el(
      'text',
      {
        x: x,
        y: y,
        fill: item.color,
        'text-anchor': 'middle',
        'dominant-baseline': 'central',
        'font-size': size + 'px',
      },
      item.text,
    );
  if (item.text === 'circle') return figures.circle(x, y, half, { fill: item.color });
  if (item.text === 'rectangle')
    return figures.el('rect', { x: x - half, y: y - half, width: size, height: size, fill: item.color });
  return figures.polygon(
    [
      [x - half, y + half],
      [x, y - half],
      [x + half, y + half],
    ],
    { fill: item.color },
  );
};

/** What is said of an item: its size, colour and kind, each of which may be left out. */
shapes.describe = function (item) {
  var size = core.randf(0, 1) < 0.5 ? (item.large ? 'large' : 'small') : '';
  var color = core.randf(0, 1) < 0.5 ? item.color : '';
  var kind = 'item';
  if (core.randf(0, 1) < 0.5 || (size === '' && color === ''))
    kind = core.randf(0, 1) < 0.5 ? item.text : item.type;
  return { size: size, color: color, kind: kind, text: [size, color, kind].filter(Boolean).join(' ') };
};

/** Whether a description fits an item. */
shapes.fits = function (item, description) {
  return (
    ['', item.large ? 'large' : 'small'].includes(description.size) &&
    ['', item.color].includes(description.color) &&
    ['item', item.text, item.type].includes(description.kind)
  );
};
