/** A menu with submenus that open beside their item, with jQuery UI's roles and delay. Needs menu-list.css. */

/** ms that the pointer must rest on an item until its submenu opens. */
ui.MENU_DELAY = 300;

/**
 * Makes nested lists a menu. Each `li` of `root` holds a `div` (the item) and perhaps a `ul` (its submenu); an `li` with the
 * class `disabled` cannot be chosen.
 *
 * @param onSelect  called with the `li` that was clicked, a parent's, too.
 */
ui.menu = function (root, onSelect) {
  var timer = null;
  var lists = [root].concat(Array.from(root.querySelectorAll('ul')));
  lists.forEach(function (list) {
    list.classList.add('menu');
    list.setAttribute('role', 'menu');
    list.tabIndex = list === root ? 0 : -1;
    if (list === root) return;
    list.hidden = true;
    list.style.position = 'absolute';
    list.setAttribute('aria-hidden', 'true');
  });

  function show(list, on) {
    list.hidden = !on;
    list.setAttribute('aria-hidden', String(!on));
    list.setAttribute('aria-expanded', String(on));
  }

  /** Closes what is open beside the way to `keep`. */
  function closeBut(keep) {
    lists.slice(1).forEach(function (list) {
      if (!list.hidden && list !== keep && !list.contains(keep)) show(list, false);
    });
    root.querySelectorAll('.item.active').forEach(function (item) {
      if (!keep || !item.parentElement.contains(keep)) item.classList.remove('active');
    });
  }

  function open(row) {
    var submenu = row.querySelector('ul');
    closeBut(submenu || row);
    if (!submenu) return;
    // At the item's right edge, one pixel into it.
    submenu.style.left = row.offsetWidth - 1 + 'px';
    submenu.style.top = '-1px';
    show(submenu, true);
  }

  function enter(row) {
    clearTimeout(timer);
    row.parentElement.querySelectorAll(':scope > li > .item').forEach(function (item) {
      item.classList.toggle('active', item.parentElement === row);
    });
    timer = setTimeout(function () {
      open(row);
    }, ui.MENU_DELAY);
  }

  root.querySelectorAll('li').forEach(function (row, i) {
    var item = row.querySelector('div');
    var submenu = row.querySelector('ul');
    row.style.position = 'relative';
    item.classList.add('item');
    item.id = 'ui-id-' + (i + 1);
    item.tabIndex = -1;
    item.setAttribute('role', 'menuitem');
    if (submenu) {
      item.setAttribute('aria-haspopup', 'true');
      item.prepend(ui.el('span', { className: 'more' }));
    }
    if (row.classList.contains('disabled')) item.setAttribute('aria-disabled', 'true');
    // Not mouseenter: on the way into an inner row the outer one is entered, too.
    row.addEventListener('mouseover', function (event) {
      event.stopPropagation();
      if (event.relatedTarget && item.contains(event.relatedTarget)) return;
      if (item.contains(event.target)) enter(row);
    });
    row.addEventListener('click', function (event) {
      event.stopPropagation();
      if (row.classList.contains('disabled')) return;
      if (submenu) open(row);
      onSelect(row);
    });
  });
  root.addEventListener('mouseleave', function () {
    clearTimeout(timer);
    timer = setTimeout(function () {
      closeBut(null);
    }, ui.MENU_DELAY);
  });
};
