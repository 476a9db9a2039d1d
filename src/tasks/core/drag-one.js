/** The pages on which one shape is dragged in a direction. Needs drag-figures.js. */

/** Starts an episode. @param make  returns the shape; @param name  what the goal calls it. */
figures.dragOne = function (make, name) {
  var direction = core.sample(['left', 'right', 'up', 'down']);
  ui.query(`Drag the ${name} ${direction} then press Submit.`);
  var shape = make();
  document.querySelector('#area svg').replaceChildren(shape);
  figures.draggable(shape);
  ui.submit(function () {
    var { from, now } = figures.cornerOf(shape);
    if (direction === 'up') return now.y < from.y;
    if (direction === 'down') return now.y > from.y;
    return direction === 'left' ? now.x < from.x : now.x > from.x;
  });
};
