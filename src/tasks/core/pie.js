/** The problem of the click-pie pages: a wheel of slices that opens from a button in its middle. Needs figures.js and pie.css. */

/** Middle and radii of the wheel in the svg's pixels. */
var PIE = { x: 78, y: 78, inner: 30, outer: 72, labels: 51 };

/** A slice of a ring between two angles in radians, clockwise from the right, `share` of its full radii. */
function slicePath(from, to, share) {
  function at(radius, angle) {
    return `${(PIE.x + radius * share * Math.cos(angle)).toFixed(2)} ${(PIE.y + radius * share * Math.sin(angle)).toFixed(2)}`;
  }
  var wide = to - from > Math.PI ? 1 : 0;
  var outer = PIE.outer * share;
  var inner = PIE.inner * share;
  return (
    `M${at(PIE.inner, from)} L${at(PIE.outer, from)} A${outer} ${outer} 0 ${wide} 1 ${at(PIE.outer, to)} ` +
    `L${at(PIE.inner, to)} A${inner} ${inner} 0 ${wide} 0 ${at(PIE.inner, from)} Z`
  );
}

/** @param duration  ms in which the wheel opens and closes. */
function pieMenu(duration) {
  var labels = core.shuffle('qwertyuiopasdfghjklzxcvbnmQWERTYUIOPASDFGHJKLZXCVBNM1234567890'.split(''));
  labels = labels.slice(-core.randi(4, 9));
  var wanted = core.sample(labels);
  ui.query(
    'Expand the pie menu below and click on the item labeled "',
    ui.el('span', { className: 'bold', textContent: wanted }),
    '".',
  );

  var svg = figures.el('svg', { width: '100%', height: '100%' });
  var width = (2 * Math.PI) / labels.length;
  var slices = labels.map(function (label, i) {
    // The first slice lies at the bottom, the others follow with the clock.
    var middle = Math.PI / 2 + i * width;
    var slice = {
      middle: middle,
      path: figures.el('path', { class: 'slice', fill: i % 2 === 0 ? '#2f7d6b' : '#5aa897' }),
      edge: figures.el('path', { class: 'edge' }),
      title: figures.el(
        'text',
        { class: 'title', 'text-anchor': 'middle', 'dominant-baseline': 'central' },
        label,
      ),
    };
    [slice.path, slice.edge, slice.title].forEach(function (part) {
      part.addEventListener('click', function () {
        core.endEpisode(label === wanted ? 1 : -1, label === wanted);
      });
    });
    svg.prepend(slice.path, slice.edge, slice.title);
    return slice;
  });
  var spreader = figures.circle(PIE.x, PIE.y, 18, { class: 'spreader' });
  var sign = figures.el(
    'text',
    { class: 'sign', x: PIE.x, y: PIE.y, 'text-anchor': 'middle', 'dominant-baseline': 'central' },
    '+',
  );
  svg.append(spreader, sign);
  document.getElementById('divWheel').replaceChildren(svg);

  function draw(share) {
    slices.forEach(function (slice) {
      slice.path.setAttribute('d', slicePath(slice.middle - width / 2, slice.middle + width / 2, share));
      slice.title.setAttribute('x', PIE.x + PIE.labels * share * Math.cos(slice.middle));
      slice.title.setAttribute('y', PIE.y + PIE.labels * share * Math.sin(slice.middle));
      slice.title.style.fontSize = 24 * share + 'px';
    });
  }

  var open = false;
  function toggle() {
    open = !open;
    sign.textContent = open ? '-' : '+';
    var start = performance.now();
    (function frame() {
      var share = duration > 0 ? Math.min(1, (performance.now() - start) / duration) : 1;
      draw(open ? share : 1 - share);
      if (share < 1) requestAnimationFrame(frame);
    })();
  }
  spreader.addEventListener('click', toggle);
  sign.addEventListener('click', toggle);
  draw(0);
}
