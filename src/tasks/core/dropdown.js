/** A drop-down list of the page's own make over a select element that it hides, as jQuery Selectric builds it. Needs dropdown.css. */

/** Wraps `select`, which keeps the value, in a box that shows it and opens a list. @returns the box. */
ui.dropdown = function (select) {
  var label = ui.el('span', { className: 'label' });
  var face = ui.el('div', { className: 'face' }, [
    label,
    ui.el('b', { className: 'button', textContent: '\u25be' }),
  ]);
  var items = Array.from(select.options, function (option, i) {
    var item = ui.el('li', { textContent: option.text });
    item.addEventListener('click', function () {
      select.selectedIndex = i;
      select.dispatchEvent(new Event('change', { bubbles: true }));
      close();
    });
    return item;
  });
  var list = ui.el('div', { className: 'items', hidden: true }, [
    ui.el('div', { className: 'scroll' }, [ui.el('ul', {}, items)]),
  ]);
  var box = ui.el('div', { className: 'dropdown' }, [
    ui.el('div', { className: 'hidden-select' }, [select]),
    face,
    list,
    ui.el('input', { className: 'keys', tabIndex: 0 }),
  ]);

  function show() {
    label.textContent = select.options[select.selectedIndex].text;
    items.forEach(function (item, i) {
      item.classList.toggle('selected', i === select.selectedIndex);
    });
  }

  function close() {
    list.hidden = true;
  }

  face.addEventListener('click', function () {
    list.hidden = !list.hidden;
  });
  select.addEventListener('change', show);
  document.addEventListener('click', function (event) {
    if (!box.contains(event.target)) close();
  });
  show();
  return box;
};
