/** A field that offers what could be meant, with jQuery UI's keys, delay and words for screen readers. Needs menu-list.css. */

/**
 * Lets `input` offer those of a list that begin with what it holds.
 *
 * @param options  `items` (texts), `delay` (ms from a key to the list), `onSelect(item)` if something must happen then,
 *     `anywhere` (whether items need only contain what the field holds).
 */
ui.autocomplete = function (input, options) {
  var list = ui.el('ul', { className: 'menu suggestions', tabIndex: 0, hidden: true });
  var spoken = ui.el('div', {
    className: 'spoken',
    role: 'status',
    'aria-live': 'assertive',
    'aria-relevant': 'additions',
  });
  var matches = [];
  /** Place of the highlighted match, -1 for the field itself. */
  var active = -1;
  /** What the user typed, kept while the field shows a highlighted match. */
  var term = input.value;
  var timer = null;
  input.setAttribute('autocomplete', 'off');
  document.body.append(list, spoken);

  function say(text) {
    spoken.replaceChildren(ui.el('div', { textContent: text }));
  }

  function close() {
    clearTimeout(timer);
    list.hidden = true;
    active = -1;
  }

  function highlight(place, show) {
    active = place;
    Array.from(list.querySelectorAll('.item')).forEach(function (item, i) {
      item.classList.toggle('active', i === place);
      if (i === place) item.scrollIntoView({ block: 'nearest' });
    });
    if (show) input.value = place < 0 ? term : matches[place];
    if (place >= 0) say(matches[place]);
  }

  function choose(place) {
    input.value = term = matches[place];
    close();
    input.focus();
    if (options.onSelect) options.onSelect(input.value);
  }

  function search() {
    term = input.value;
    close();
    if (term === '') return;
    matches = options.items.filter(function (item) {
      var at = item.toLowerCase().indexOf(term.toLowerCase());
      return options.anywhere ? at >= 0 : at === 0;
    });
    if (matches.length === 0) return say('No search results.');
    var rows = matches.map(function (match, place) {
      var item = ui.el('div', { className: 'item', tabIndex: -1, textContent: match });
      item.addEventListener('mouseenter', function () {
        highlight(place, false);
      });
      item.addEventListener('click', function () {
        choose(place);
      });
      return ui.el('li', {}, [item]);
    });
    list.replaceChildren.apply(list, rows);
    var box = input.getBoundingClientRect();
    list.style.cssText = `left:${box.left + scrollX}px; top:${box.bottom + scrollY}px; width:${box.width}px`;
    list.hidden = false;
    say(
      (matches.length === 1 ? '1 result is' : matches.length + ' results are') +
        ' available, use up and down arrow keys to navigate.',
    );
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(function () {
      if (input.value !== term || list.hidden) search();
    }, options.delay);
  }

  function move(by) {
    if (list.hidden) return search();
    var count = matches.length + 1;
    highlight(((active + 1 + by + count) % count) - 1, true);
  }

  input.addEventListener('input', later);
  input.addEventListener('keydown', function (event) {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      move(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter' && active >= 0) {
      event.preventDefault();
      choose(active);
    } else if (event.key === 'Tab' && active >= 0) {
      choose(active);
    } else if (event.key === 'Escape' && !list.hidden) {
      event.preventDefault();
      input.value = term;
      close();
    }
  });
  // A press on the list must not take the focus, which would close it before the click.
  list.addEventListener('mousedown', function (event) {
    event.preventDefault();
  });
  input.addEventListener('blur', function () {
    clearTimeout(timer);
    term = input.value;
    close();
  });
};
