/**
 * A list whose items are put in another order by dragging, by jQuery UI's rules: an item makes way when the pointer passes its
 * middle in the direction of the drag, judged once for each move of the mouse.
 */

/**
 * Makes the children of `list` sortable, those that come later, too. In a list whose items float or are inline, sideways
 * moves count as well.
 *
 * @param onDrop  called when an item is put down, may be left out.
 */
ui.sortable = function (list, onDrop) {
  var drag = null;

  function pageBox(element) {
    var box = element.getBoundingClientRect();
    return { left: box.left + scrollX, top: box.top + scrollY, width: box.width, height: box.height };
  }

  function start(event) {
    var item = drag.item;
    var style = getComputedStyle(item);
    var box = pageBox(item);
    drag.floating = style.float !== 'none' || style.display.startsWith('inline');
    drag.gap = item.cloneNode(false);
    drag.gap.removeAttribute('id');
    drag.gap.style.cssText = `visibility:hidden; box-sizing:border-box; width:${box.width}px; height:${box.height}px`;
    item.after(drag.gap);
    item.style.cssText = `position:absolute; z-index:1000; box-sizing:border-box; width:${box.width}px; height:${box.height}px`;
    // Margins stay with the item, so its place is told without them.
    var offset = item.offsetParent ? pageBox(item.offsetParent) : { left: 0, top: 0 };
    drag.grip = {
      x: drag.downX - box.left + offset.left + parseFloat(style.marginLeft),
      y: drag.downY - box.top + offset.top + parseFloat(style.marginTop),
    };
    drag.last = { x: drag.downX, y: drag.downY };
    move(event);
  }

  /** Whether `at` lies in the stretch of `size` from `from`. */
  function over(at, from, size) {
    return at >= from && at < from + size;
  }

  /** Moves the gap if the pointer has passed the middle of another item. */
  function rearrange(x, y) {
    var down = y > drag.last.y;
    var up = y < drag.last.y;
    var right = x > drag.last.x;
    var left = x < drag.last.x;
    var items = Array.from(list.children).filter(function (each) {
      return each !== drag.item && each !== drag.gap;
    });
    for (var i = items.length - 1; i >= 0; i--) {
      var box = pageBox(items[i]);
      if (!over(x, box.left, box.width) || !over(y, box.top, box.height)) continue;
      var forward = drag.floating ? right || down : down;
      if (!drag.floating && !up && !down) continue;
      // Already past it.
      if ((forward ? previous(drag.gap) : next(drag.gap)) === items[i]) continue;
      var below = over(y, box.top + box.height / 2, box.height);
      var beyond = over(x, box.left + box.width / 2, box.width);
      var passed =
        drag.floating && (right || left) ? (right ? beyond : !beyond) : down ? below : up && !below;
      if (!passed) return;
      if (forward) items[i].after(drag.gap);
      else items[i].before(drag.gap);
      return;
    }
  }

  /** The neighbour of the gap, past the item that is being dragged. */
  function next(element) {
    var found = element.nextElementSibling;
    return found === drag.item ? found.nextElementSibling : found;
  }
  function previous(element) {
    var found = element.previousElementSibling;
    return found === drag.item ? found.previousElementSibling : found;
  }
  function move(event) {
    drag.item.style.left = event.pageX - drag.grip.x + 'px';
    drag.item.style.top = event.pageY - drag.grip.y + 'px';
    rearrange(event.pageX, event.pageY);
    drag.last = { x: event.pageX, y: event.pageY };
  }

  list.addEventListener('mousedown', function (event) {
    var item = Array.from(list.children).find(function (each) {
      return each.contains(event.target);
    });
    if (!item) return;
    event.preventDefault();
    drag = { item: item, gap: null, downX: event.pageX, downY: event.pageY };
  });
  document.addEventListener('mousemove', function (event) {
    if (!drag) return;
    if (drag.gap) move(event);
    else if (Math.max(Math.abs(event.pageX - drag.downX), Math.abs(event.pageY - drag.downY)) >= 1)
      start(event);
  });
  document.addEventListener('mouseup', function () {
    if (!drag) return;
    if (drag.gap) {
      drag.item.style.cssText = '';
      drag.gap.replaceWith(drag.item);
      if (onDrop) onDrop(drag.item);
    }
    drag = null;
  });
};
