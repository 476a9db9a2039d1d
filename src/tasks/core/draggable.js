/** Elements that the mouse moves about. */

/**
 * Lets the mouse drag a positioned element; it goes where the pointer takes it.
 *
 * @param onMove  called after each move, may be left out.
 */
ui.draggable = function (element, onMove) {
  var grip = null;
  element.style.cursor = 'move';
  element.addEventListener('mousedown', function (event) {
    event.preventDefault();
    grip = {
      x: event.pageX - parseFloat(element.style.left || 0),
      y: event.pageY - parseFloat(element.style.top || 0),
    };
  });
  document.addEventListener('mousemove', function (event) {
    if (!grip) return;
    element.style.left = event.pageX - grip.x + 'px';
    element.style.top = event.pageY - grip.y + 'px';
    if (onMove) onMove();
  });
  document.addEventListener('mouseup', function () {
    grip = null;
  });
};
