/** A slider as jQuery UI builds it: a track with a handle that takes keys and the mouse. */

/**
 * Makes `track` a slider.
 *
 * @param options  `min`, `max`, `value`, `orientation` ('horizontal' or 'vertical'), and `onChange(value)`, called for every new
 *   value that the user sets.
 * @returns `{ value() }`
 */
ui.slider = function (track, options) {
  var vertical = options.orientation === 'vertical';
  var range = options.max - options.min;
  var value = options.value;
  var dragging = null;
  var handle = ui.el('span', { className: 'slider-handle', tabIndex: 0 });
  track.replaceChildren(handle);
  track.className = 'slider ' + (vertical ? 'slider-vertical' : 'slider-horizontal');

  function place() {
    handle.style[vertical ? 'bottom' : 'left'] = (100 * (value - options.min)) / range + '%';
  }

  function set(wanted) {
    var next = Math.min(options.max, Math.max(options.min, Math.round(wanted)));
    if (next === value) return;
    value = next;
    place();
    options.onChange(value);
  }

  /** The value under the mouse; `grip` is how far from the handle's middle it was taken. */
  function valueAt(event, grip) {
    var box = track.getBoundingClientRect();
    var share = vertical
      ? 1 - (event.clientY - grip - box.top) / box.height
      : (event.clientX - grip - box.left) / box.width;
    return options.min + Math.min(1, Math.max(0, share)) * range;
  }

  handle.addEventListener('keydown', function (event) {
    var page = Math.max(1, Math.round(range / 5));
    var steps = {
      ArrowRight: value + 1,
      ArrowUp: value + 1,
      ArrowLeft: value - 1,
      ArrowDown: value - 1,
      PageUp: value + page,
      PageDown: value - page,
      Home: options.min,
      End: options.max,
    };
    if (!(event.key in steps)) return;
    event.preventDefault();
    set(steps[event.key]);
  });

  track.onmousedown = function (event) {
    event.preventDefault();
    handle.focus();
    var box = handle.getBoundingClientRect();
    var middle = vertical ? box.top + box.height / 2 : box.left + box.width / 2;
    dragging = event.target === handle ? (vertical ? event.clientY : event.clientX) - middle : 0;
    if (event.target !== handle) set(valueAt(event, 0));
  };
  document.addEventListener('mousemove', function (event) {
    if (dragging !== null) set(valueAt(event, dragging));
  });
  document.addEventListener('mouseup', function () {
    dragging = null;
  });

  place();
  return {
    value: function () {
      return value;
    },
  };
};
