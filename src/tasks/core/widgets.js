/** Widgets that native HTML lacks, with the roles that the same widgets of MiniWoB++ (jQuery UI) show to a screen reader. */

/**
 * Shows a dialog box over the task and focuses its first button below the text, or else its close button.
 *
 * @param options  `text`, `style` (place and size as CSS text), `onClose`, and `buttons`: [{ label, onClick }].
 * @returns the dialog's element.
 */
ui.dialog = function (options) {
  var close = ui.el('button', { className: 'close', title: 'Close', 'aria-label': 'Close' }, [
    ui.el('span', { textContent: '\u00d7', 'aria-hidden': 'true' }),
  ]);
  close.addEventListener('click', options.onClose);
  var buttons = (options.buttons || []).map(function (each) {
    var button = ui.el('button', { textContent: each.label });
    button.addEventListener('click', each.onClick);
    return button;
  });
  var dialog = ui.el(
    'div',
    {
      className: 'dialog',
      role: 'dialog',
      'aria-describedby': 'dialog',
      'aria-labelledby': 'dialog-title',
      style: options.style,
    },
    [
      ui.el('div', { className: 'titlebar' }, [
        ui.el('span', { id: 'dialog-title', textContent: '\u00a0' }),
        close,
      ]),
      ui.el('div', { id: 'dialog' }, [ui.el('p', { textContent: options.text })]),
    ],
  );
  if (buttons.length > 0) dialog.append(ui.el('div', { className: 'buttons' }, buttons));
  document.querySelectorAll('.dialog').forEach(function (old) {
    old.remove();
  });
  document.body.append(dialog);
  (buttons[0] || close).focus();
  return dialog;
};

/**
 * Fills #area with tabs and shows one of them.
 *
 * @param panels  [{ label, content }], content a list of nodes.
 * @param active  index of the tab that is open at first.
 * @param onClick  called with the index of a tab when it is clicked, after it opened.
 */
ui.tabs = function (panels, active, onClick) {
  var tabs = [];
  var boxes = [];
  function open(index) {
    tabs.forEach(function (tab, i) {
      tab.setAttribute('aria-selected', String(i === index));
      tab.setAttribute('aria-expanded', String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
      boxes[i].hidden = i !== index;
    });
  }
  panels.forEach(function (panel, i) {
    var id = 'tabs-' + (i + 1);
    var link = ui.el('a', { href: '#' + id, id: id + '-label', tabIndex: -1, textContent: panel.label });
    link.addEventListener('click', function (event) {
      event.preventDefault();
      open(i);
      onClick(i);
    });
    tabs.push(ui.el('li', { role: 'tab', 'aria-controls': id, 'aria-labelledby': link.id }, [link]));
    boxes.push(ui.el('div', { id: id, role: 'tabpanel', 'aria-labelledby': link.id }, panel.content));
  });
  ui.fill([ui.el('ul', { className: 'tabs', role: 'tablist' }, tabs)].concat(boxes));
  open(active);
};
