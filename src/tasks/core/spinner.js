/** A number field with arrows, as jQuery UI builds it, which takes no keys. Needs spinner.css. */

/** ms that an arrow is held until it repeats, and from then on between steps. */
ui.SPIN_DELAY = 500;
ui.SPIN_REPEAT = 40;

/** Puts arrows beside `field` and keeps keys from it. */
ui.spinner = function (field) {
  var timer = null;

  function spin(step, wait) {
    field.value = (parseInt(field.value) || 0) + step;
    field.setAttribute('aria-valuenow', field.value);
    timer = setTimeout(function () {
      spin(step, ui.SPIN_REPEAT);
    }, wait);
  }

  function stop() {
    clearTimeout(timer);
  }

  function arrow(name, sign, step) {
    var link = ui.el('a', { className: 'arrow ' + name, tabIndex: -1, 'aria-hidden': 'true' }, [
      ui.el('span', { className: 'icon' }),
      ui.el('span', { className: 'text', textContent: sign }),
    ]);
    link.addEventListener('mousedown', function (event) {
      event.preventDefault();
      field.focus();
      stop();
      spin(step, ui.SPIN_DELAY);
    });
    link.addEventListener('mouseup', stop);
    link.addEventListener('mouseleave', stop);
    return link;
  }

  field.setAttribute('role', 'spinbutton');
  field.setAttribute('autocomplete', 'off');
  field.setAttribute('aria-valuenow', field.value || '0');
  field.addEventListener('keydown', function (event) {
    event.preventDefault();
  });
  var box = ui.el('span', { className: 'spinner' });
  field.replaceWith(box);
  box.append(field, arrow('up', '\u25b2', 1), arrow('down', '\u25bc', -1));
};
