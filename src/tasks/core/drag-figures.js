/** SVG shapes that the mouse moves about: the middle of a shape goes where the pointer is. Needs figures.js. */

figures.HELD = null;
/** How far each shape was moved from where it was drawn. */
figures.SHIFTS = new WeakMap();

/** Lets the mouse drag a shape; its own attributes stay as they were drawn. */
figures.draggable = function (shape) {
  shape.style.cursor = 'pointer';
  shape.addEventListener('mousedown', function (event) {
    event.preventDefault();
    figures.HELD = shape;
  });
};

/** The upper left corner of a shape: where it was drawn, and where it is now. */
figures.cornerOf = function (shape) {
  var box = shape.getBBox();
  var shift = figures.SHIFTS.get(shape) || { x: 0, y: 0 };
  return { from: { x: box.x, y: box.y }, now: { x: box.x + shift.x, y: box.y + shift.y } };
};

/** Whether the corner of a shape lies inside a box { x, y, width, height } of its svg. */
figures.isInside = function (shape, box) {
  var corner = figures.cornerOf(shape).now;
  return (
    corner.x > box.x && corner.x < box.x + box.width && corner.y > box.y && corner.y < box.y + box.height
  );
};

document.addEventListener('mousemove', function (event) {
  var shape = figures.HELD;
  if (!shape) return;
  var origin = shape.ownerSVGElement.getBoundingClientRect();
  var box = shape.getBBox();
  var shift = {
    x: event.clientX - origin.left - box.x - box.width / 2,
    y: event.clientY - origin.top - box.y - box.height / 2,
  };
  figures.SHIFTS.set(shape, shift);
  shape.setAttribute('transform', `translate(${shift.x},${shift.y})`);
});
document.addEventListener('mouseup', function () {
  figures.HELD = null;
});
