/** Sections of which one can be open, as jQuery UI's accordion shows them to a screen reader. */

/** ms in which a section slides open. */
ui.ACCORDION_MS = 400;

/**
 * Makes `box` an accordion: its children are header, panel, header, panel, ... A header at the end without a panel is one, too.
 *
 * @param animate  whether panels slide.
 */
ui.accordion = function (box, animate) {
  var children = Array.from(box.children);
  var headers = children.filter(function (_, i) {
    return i % 2 === 0;
  });
  var panels = children.filter(function (_, i) {
    return i % 2 === 1;
  });
  // The tallest panel sets the height of all.
  var height = Math.max.apply(
    null,
    panels.map(function (panel) {
      return panel.offsetHeight;
    }),
  );
  var open = null;
  box.setAttribute('role', 'tablist');

  function slide(panel, from, to) {
    function finish() {
      panel.style.overflow = 'auto';
      panel.style.height = height + 'px';
      panel.hidden = to === 0;
    }
    if (!animate) return finish();
    var start = performance.now();
    panel.style.overflow = 'hidden';
    function frame() {
      var share = (performance.now() - start) / ui.ACCORDION_MS;
      if (share >= 1) return finish();
      panel.style.height = from + (to - from) * share + 'px';
      requestAnimationFrame(frame);
    }
    panel.hidden = false;
    frame();
  }

  function show(index, on) {
    var panel = panels[index];
    if (panel === undefined) return;
    headers[index].setAttribute('aria-expanded', String(on));
    headers[index].setAttribute('aria-selected', String(on));
    panel.setAttribute('aria-hidden', String(!on));
    slide(panel, on ? 0 : height, on ? height : 0);
  }

  headers.forEach(function (header, i) {
    var panel = panels[i];
    header.prepend(ui.el('span', { className: 'arrow' }));
    header.id = 'ui-id-' + (2 * i + 1);
    Object.entries({
      role: 'tab',
      'aria-controls': panel ? 'ui-id-' + (2 * i + 2) : null,
      'aria-selected': 'false',
      'aria-expanded': 'false',
      tabindex: i === 0 ? '0' : '-1',
    }).forEach(function (entry) {
      if (entry[1] !== null) header.setAttribute(entry[0], entry[1]);
    });
    if (panel) {
      panel.id = 'ui-id-' + (2 * i + 2);
      panel.classList.add('panel');
      panel.setAttribute('role', 'tabpanel');
      panel.setAttribute('aria-labelledby', header.id);
      panel.setAttribute('aria-hidden', 'true');
      panel.style.height = height + 'px';
      panel.hidden = true;
    }
    function toggle() {
      var before = open;
      open = before === i ? null : i;
      if (before !== null) show(before, false);
      if (open !== null) show(open, true);
      headers.forEach(function (each, j) {
        each.tabIndex = j === (open === null ? 0 : open) ? 0 : -1;
      });
    }
    header.addEventListener('click', toggle);
    header.addEventListener('keydown', function (event) {
      if (event.target === header && (event.key === 'Enter' || event.key === ' ')) {
        event.preventDefault();
        toggle();
      }
    });
  });
};

/** The problem of click-collapsible: one section and Submit, which wants it open. */
ui.openSection = function (animate) {
  var header = ui.el('h3', { textContent: 'Section #' + core.randi(1, 51) });
  var panel = ui.el('div', { textContent: ui.generateWords(20) });
  var submit = ui.el('button', { id: 'subbtn', className: 'secondary-action', textContent: 'Submit' });
  var style = `margin: ${core.randi(0, 40)}px ${core.randi(0, 40)}px`;
  submit.addEventListener('click', function () {
    core.endEpisode(panel.hidden ? -1 : 1, !panel.hidden);
  });
  ui.accordion(ui.fill([header, panel, ui.el('p', { style: style }, [ui.el('br'), submit])]), animate);
};

/** The problem of click-collapsible-2: a word among those of three sections that are links. */
ui.findInSections = function (animate) {
  var links = [];
  var children = [1, 2, 3].flatMap(function (number) {
    var words = ui
      .generateWords(20)
      .split(' ')
      .flatMap(function (word) {
        if (Math.random() >= 0.2) return [word, ' '];
        links.push(ui.el('span', { className: 'alink', textContent: word }));
        return [links[links.length - 1], ' '];
      });
    return [ui.el('h3', { textContent: ' Section #' + number }), ui.el('div', {}, words)];
  });
  var wanted = core.sample(links).textContent;
  links.forEach(function (link) {
    link.addEventListener('click', function () {
      var right = link.textContent === wanted;
      core.endEpisode(right ? 1 : -1, right);
    });
  });
  ui.query(`Expand the sections below, to find and click on the link "${wanted}".`);
  ui.accordion(ui.fill(children), animate);
};
