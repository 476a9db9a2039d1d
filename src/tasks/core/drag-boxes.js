/** Shapes in cells of their own, to be dragged into boxes. Needs drag-figures.js and shapes.js. */

/** Draws `count` shapes in cells of which `free(x, y)` holds, column and row. @returns them as { x, y, color, text, element }. */
figures.scatterShapes = function (svg, count, free) {
  var taken = new Set();
  var items = [];
  while (items.length < count) {
    var x = core.randi(0, shapes.CELLS);
    var y = core.randi(0, shapes.ROWS);
    if (!free(x, y) || taken.has(`${x},${y}`)) continue;
    taken.add(`${x},${y}`);
    var color = core.sample(shapes.COLORS);
    items.push({ x: x, y: y, color: color, large: true, type: 'shape', text: core.sample(shapes.SHAPES) });
  }
  items.forEach(function (item) {
    item.element = shapes.draw(item);
    item.element.dataset.shape = item.text;
    figures.draggable(item.element);
  });
  svg.replaceChildren(...items.map(item => item.element));
  return items;
};

/** The outline of a box, drawn over the shapes; the pointer reaches what lies in it. */
figures.outline = function (box) {
  return figures.el('rect', { ...box, class: 'outline', fill: 'none', stroke: 'black', 'stroke-width': 2 });
};
