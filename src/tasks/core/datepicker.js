/** A calendar that opens under a field, with jQuery UI's marks, keys and dates (MM/DD/YYYY). Needs dates.js. */

ui.MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
ui.WEEKDAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** ms in which the calendar fades in and out. */
ui.FADE_MS = 400;

/**
 * Gives `input` a calendar that opens when the field gets focus.
 *
 * @param options  `min` and `max` (Date, midnight), `animate` (whether it fades).
 * @returns `{ hide() }`, which closes it at once.
 */
ui.datepicker = function (input, options) {
  var box = ui.el('div', { id: 'ui-datepicker-div', className: 'datepicker' });
  /** The day that keys move and Enter picks. */
  var cursor = null;
  var shown = false;
  /** Counts openings and closings, so that a fade that was overtaken ends. */
  var fades = 0;
  box.hidden = true;
  document.body.append(box);

  function clamped(date) {
    return new Date(Math.min(options.max, Math.max(options.min, date)));
  }

  /** The same day of the month `months` later, or its last. */
  function monthsLater(months) {
    var last = new Date(cursor.getFullYear(), cursor.getMonth() + months + 1, 0).getDate();
    return new Date(cursor.getFullYear(), cursor.getMonth() + months, Math.min(cursor.getDate(), last));
  }

  function daysLater(days) {
    return new Date(cursor.getFullYear(), cursor.getMonth(), cursor.getDate() + days);
  }

  function go(date) {
    cursor = clamped(date);
    draw();
  }

  function pick(date) {
    input.value = ui.usDate(date);
    hide();
  }

  function turner(name, months) {
    var first = new Date(cursor.getFullYear(), cursor.getMonth(), 1);
    var last = new Date(cursor.getFullYear(), cursor.getMonth() + 1, 0);
    var possible = months < 0 ? first > options.min : last < options.max;
    var link = ui.el('a', { className: 'turn ' + name.toLowerCase(), title: name }, [
      ui.el('span', { textContent: name }),
    ]);
    link.classList.toggle('disabled', !possible);
    if (possible)
      link.addEventListener('click', function () {
        go(monthsLater(months));
      });
    return link;
  }

  function cell(day) {
    var date = new Date(cursor.getFullYear(), cursor.getMonth(), day);
    if (date.getMonth() !== cursor.getMonth()) return ui.el('td', { textContent: '\u00a0' });
    if (date < options.min || date > options.max)
      return ui.el('td', { className: 'disabled' }, [ui.el('span', { textContent: day })]);
    var link = ui.el('a', { href: '#', textContent: day });
    link.classList.toggle('chosen', ui.usDate(date) === input.value);
    link.classList.toggle('cursor', date.getTime() === cursor.getTime());
    link.addEventListener('click', function (event) {
      event.preventDefault();
      pick(date);
    });
    return ui.el('td', {}, [link]);
  }

  function draw() {
    var month = new Date(cursor.getFullYear(), cursor.getMonth(), 1);
    var days = new Date(month.getFullYear(), month.getMonth() + 1, 0).getDate();
    var names = ui.WEEKDAYS.map(function (name) {
      return ui.el('th', { scope: 'col' }, [ui.el('span', { title: name, textContent: name.slice(0, 2) })]);
    });
    var weeks = [];
    for (var day = 1 - month.getDay(); day <= days; day += 7) {
      var cells = [0, 1, 2, 3, 4, 5, 6].map(function (offset) {
        return cell(day + offset);
      });
      weeks.push(ui.el('tr', {}, cells));
    }
    box.replaceChildren(
      ui.el('div', { className: 'header' }, [
        turner('Prev', -1),
        turner('Next', 1),
        ui.el('div', { className: 'title' }, [
          ui.el('span', { textContent: ui.MONTHS[month.getMonth()] }),
          '\u00a0',
          ui.el('span', { textContent: month.getFullYear() }),
        ]),
      ]),
      ui.el('table', {}, [ui.el('thead', {}, [ui.el('tr', {}, names)]), ui.el('tbody', {}, weeks)]),
    );
  }

  /** Changes the opacity to 1 or 0 and then calls `done`. */
  function fade(to, done) {
    var mine = ++fades;
    var start = performance.now();
    (function frame() {
      if (mine !== fades) return;
      var share = options.animate ? Math.min(1, (performance.now() - start) / ui.FADE_MS) : 1;
      box.style.opacity = to === 1 ? share : 1 - share;
      if (share < 1) requestAnimationFrame(frame);
      else done();
    })();
  }

  function show() {
    if (shown) return;
    shown = true;
    var typed = new Date(input.value);
    var today = new Date();
    today.setHours(0, 0, 0, 0);
    cursor = clamped(isNaN(typed) ? today : typed);
    draw();
    box.hidden = false;
    var place = input.getBoundingClientRect();
    var top = place.bottom + scrollY;
    var height = document.documentElement.clientHeight;
    // As jQuery UI does: over the field, or at the top of the page, where there is no room below.
    if (top + box.offsetHeight > height && height > box.offsetHeight)
      top -= Math.min(top, box.offsetHeight + input.offsetHeight);
    box.style.left = place.left + scrollX + 'px';
    box.style.top = top + 'px';
    fade(1, function () {});
  }

  function hide() {
    if (!shown) return;
    shown = false;
    fade(0, close);
  }

  function close() {
    fades++;
    shown = false;
    box.hidden = true;
    box.replaceChildren();
  }

  function onKey(event) {
    if (!shown) {
      if (event.key === 'Home' && event.ctrlKey) show();
      return;
    }
    var moves = event.ctrlKey
      ? {
          PageUp: monthsLater(-12),
          PageDown: monthsLater(12),
          ArrowLeft: daysLater(-1),
          ArrowRight: daysLater(1),
          ArrowUp: daysLater(-7),
          ArrowDown: daysLater(7),
        }
      : { PageUp: monthsLater(-1), PageDown: monthsLater(1) };
    if (event.key in moves) go(moves[event.key]);
    else if (event.key === 'Enter') pick(cursor);
    else if (event.key === 'Escape' || event.key === 'Tab') hide();
    else return;
    if (event.key !== 'Tab') event.preventDefault();
  }

  input.addEventListener('focus', show);
  input.addEventListener('keydown', onKey);
  document.addEventListener('mousedown', function (event) {
    if (event.target !== input && !box.contains(event.target)) hide();
  });
  return { hide: close };
};
