/** A tree of files and folders whose folders open and close. Needs tree.css. */

/**
 * Closes all folders of nested lists and lets clicks on their labels and signs open them. An entry is an `li` with a `span`
 * (class `file` or `folder`) and, for a folder, a `ul`.
 */
ui.tree = function (root) {
  root.querySelectorAll('li > ul').forEach(function (list) {
    var label = list.parentElement.querySelector('span');
    var sign = ui.el('div', { className: 'sign' });
    function toggle() {
      list.hidden = !list.hidden;
      list.parentElement.classList.toggle('closed', list.hidden);
    }
    list.parentElement.prepend(sign);
    sign.addEventListener('click', toggle);
    label.addEventListener('click', toggle);
    toggle();
  });
};
