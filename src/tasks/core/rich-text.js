/** A field of text with bold, italic, underlined and coloured parts, formatted by a toolbar or by keys. Needs rich-text.css. */

/** Colours of the palette: of each name a full, a pale, a light, a dark and a deep one. The first column is greys. */
ui.PALETTE = {
  red: ['#d92020', '#f8caca', '#ec7373', '#9c1010', '#560808'],
  orange: ['#f58f0a', '#fce5c6', '#f8bf70', '#aa6206', '#5e3603'],
  yellow: ['#f7ee10', '#fcfac8', '#f9f472', '#aaa40a', '#5f5b05'],
  green: ['#168a16', '#cbe6cb', '#71b871', '#0d600d', '#073607'],
  blue: ['#1464cc', '#cbdef5', '#70a2e2', '#0d47a4', '#082860'],
  purple: ['#8d33e6', '#e6d3f9', '#bd88f0', '#6222a4', '#36125c'],
};
ui.GREYS = ['#000000', '#ffffff', '#bbbbbb', '#888888', '#444444'];

/** How each attribute is written as an element, outermost first. */
ui.MARKS = [
  ['color', 'span'],
  ['bold', 'strong'],
  ['italic', 'em'],
  ['underline', 'u'],
];

/**
 * @returns `{ toolbar, box, runs() }`: the two elements, and the text in pieces of like formatting, each
 *   { text, attributes: { bold, italic, underline: true, color: '#rrggbb' } }.
 */
ui.richText = function (text) {
  var paragraph = ui.el('p', { textContent: text });
  var editor = ui.el('div', { className: 'editor', contentEditable: 'true' }, [paragraph]);

  /** Attributes of a text node by the elements that it stands in. */
  function attributesOf(node) {
    var attributes = {};
    for (var at = node.parentElement; at !== editor; at = at.parentElement) {
      var mark = ui.MARKS.find(function (each) {
        return at.matches(each[1]);
      });
      if (mark) attributes[mark[0]] = mark[0] === 'color' ? at.dataset.color : true;
    }
    return attributes;
  }

  function runs() {
    var found = [];
    var walker = document.createTreeWalker(editor, NodeFilter.SHOW_TEXT);
    while (walker.nextNode())
      found.push({ text: walker.currentNode.data, attributes: attributesOf(walker.currentNode) });
    return found;
  }

  /** Characters from the beginning of the text to a place in it. */
  function offsetOf(node, offset) {
    var range = document.createRange();
    range.setStart(editor, 0);
    range.setEnd(node, offset);
    return range.toString().length;
  }

  function selected() {
    var selection = getSelection();
    if (
      selection.rangeCount === 0 ||
      !editor.contains(selection.anchorNode) ||
      !editor.contains(selection.focusNode)
    )
      return null;
    var ends = [
      offsetOf(selection.anchorNode, selection.anchorOffset),
      offsetOf(selection.focusNode, selection.focusOffset),
    ];
    return { start: Math.min.apply(null, ends), end: Math.max.apply(null, ends) };
  }

  function select(start, end) {
    var range = document.createRange();
    var walker = document.createTreeWalker(editor, NodeFilter.SHOW_TEXT);
    var passed = 0;
    while (walker.nextNode()) {
      var node = walker.currentNode;
      // A selection begins at the beginning of a piece rather than at the end of the one before.
      if (start >= passed && start < passed + node.length) range.setStart(node, start - passed);
      if (end > passed && end <= passed + node.length) range.setEnd(node, end - passed);
      passed += node.length;
    }
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }

  function element(run) {
    return ui.MARKS.reduceRight(function (inner, mark) {
      var value = run.attributes[mark[0]];
      if (!value) return inner;
      var outer = ui.el(mark[1], {}, [inner]);
      if (mark[0] === 'color') {
        outer.style.color = value;
        outer.dataset.color = value;
      }
      return outer;
    }, document.createTextNode(run.text));
  }

  /** Sets an attribute of what is selected; takes it off where all of that has it. */
  function format(name, value) {
    var range = selected();
    if (!range || range.start === range.end) return;
    var characters = runs().flatMap(function (run) {
      return run.text.split('').map(function (character) {
        return { text: character, attributes: Object.assign({}, run.attributes) };
      });
    });
    var chosen = characters.slice(range.start, range.end);
    var off = chosen.every(function (each) {
      return each.attributes[name] === value;
    });
    chosen.forEach(function (each) {
      if (off) delete each.attributes[name];
      else each.attributes[name] = value;
    });
    var merged = [];
    characters.forEach(function (each) {
      var last = merged[merged.length - 1];
      if (last && like(last.attributes, each.attributes)) last.text += each.text;
      else merged.push(each);
    });
    paragraph = ui.el('p', {}, merged.map(element));
    editor.replaceChildren(paragraph);
    select(range.start, range.end);
  }

  function like(a, b) {
    return ui.MARKS.every(function (mark) {
      return a[mark[0]] === b[mark[0]];
    });
  }

  editor.addEventListener('keydown', function (event) {
    var name = { b: 'bold', i: 'italic', u: 'underline' }[event.key.toLowerCase()];
    if (!name || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    format(name, true);
  });

  return {
    toolbar: ui.richTextToolbar(format),
    box: ui.el('div', { id: 'editor' }, [editor]),
    runs: runs,
  };
};

/** An icon of 18 by 18 pixels. */
ui.richTextIcon = function (path) {
  var svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 18 18');
  var line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
};

/** A palette behind a letter, and a button for each style. `format(name, value)` is called for a choice. */
ui.richTextToolbar = function (format) {
  var swatches = [];
  for (var row = 0; row < 5; row++) {
    swatches.push(swatch('grey', ui.GREYS[row]));
    Object.keys(ui.PALETTE).forEach(function (name) {
      swatches.push(swatch(name, ui.PALETTE[name][row]));
    });
  }
  var palette = ui.el('span', { className: 'palette', hidden: true }, swatches);
  var label = ui.el('span', { className: 'label' }, [
    ui.richTextIcon('M5 12L9 3L13 12M6.5 9H11.5M3 15.5H15'),
  ]);
  label.addEventListener('click', function () {
    palette.hidden = !palette.hidden;
  });

  function swatch(name, color) {
    var item = ui.el('span', { className: 'swatch', style: `background:${color}`, 'data-name': name });
    item.addEventListener('click', function () {
      palette.hidden = true;
      format('color', color);
    });
    return item;
  }

  function button(className, attribute, path) {
    var element = ui.el('button', { type: 'button', className: className }, [ui.richTextIcon(path)]);
    element.addEventListener('click', function () {
      format(attribute, true);
    });
    return element;
  }

  var toolbar = ui.el('div', { className: 'toolbar' }, [
    ui.el('span', { className: 'formats' }, [ui.el('span', { className: 'color' }, [label, palette])]),
    ui.el('span', { className: 'formats' }, [
      button('bold', 'bold', 'M5 4V14H10A2.5 2.5 0 0 0 10 9H5H9A2.5 2.5 0 0 0 9 4Z'),
      button('italics', 'italic', 'M7 4H13M5 14H11M10 4L8 14'),
      button('underlined', 'underline', 'M5 3V9A4 4 0 0 0 13 9V3M4 15H14'),
    ]),
  ]);
  // The toolbar must not take what is selected away.
  toolbar.addEventListener('mousedown', function (event) {
    event.preventDefault();
  });
  return toolbar;
};
