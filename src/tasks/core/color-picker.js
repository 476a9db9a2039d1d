/** A colour field with a palette that opens on a press of the mouse, and the judging of the use-colorwheel pages. */

/** The six hexadecimal digits of a named colour. */
function colorHex(name) {
  var pen = document.createElement('canvas').getContext('2d');
  pen.fillStyle = name;
  return pen.fillStyle.slice(1);
}

function colorChannels(hex) {
  return [0, 2, 4].map(function (at) {
    return parseInt(hex.slice(at, at + 2), 16);
  });
}

/** Lets Submit pay 1 less the mean distance of the three channels from `wanted`, six hexadecimal digits. */
function judgeColor(wanted) {
  document.getElementById('subbtn').onclick = function () {
    var chosen = colorChannels(document.getElementById('col').value);
    var off = colorChannels(wanted).reduce(function (sum, channel, i) {
      return sum + Math.abs(channel - chosen[i]) / 255;
    }, 0);
    var reward = 1 - off / 3;
    core.endEpisode(reward, reward > 0);
  };
}

/** Makes `field` show the colour that it holds, and choose one from a palette of hues and greys beside a bar of brightness. */
ui.colorPicker = function (field) {
  var width = 101;
  var height = 71;
  /** Hue in [0, 360), saturation and brightness in [0, 1]. */
  var color = { hue: 0, saturation: 0, brightness: 0 };
  var palette = ui.el('canvas', { width: width, height: height });
  var cross = ui.el('div', { className: 'cross' });
  var bar = ui.el('div', { className: 'bar' });
  var mark = ui.el('div', { className: 'mark' });
  bar.append(mark);
  var box = ui.el('div', { className: 'color-picker', hidden: true }, [
    ui.el('div', { className: 'colors' }, [palette, cross]),
    bar,
  ]);
  document.body.append(box);

  function paint() {
    var pen = palette.getContext('2d');
    var hues = pen.createLinearGradient(0, 0, width, 0);
    for (var step = 0; step <= 6; step++) hues.addColorStop(step / 6, `hsl(${step * 60}, 100%, 50%)`);
    pen.fillStyle = hues;
    pen.fillRect(0, 0, width, height);
    var greys = pen.createLinearGradient(0, 0, 0, height);
    greys.addColorStop(0, 'rgba(255, 255, 255, 0)');
    greys.addColorStop(1, 'rgba(255, 255, 255, 1)');
    pen.fillStyle = greys;
    pen.fillRect(0, 0, width, height);
  }

  /** Hexadecimal digits of hue, saturation and brightness (Smith 1978). */
  function hexOf(at) {
    return [5, 3, 1]
      .map(function (offset) {
        var k = (offset + at.hue / 60) % 6;
        var channel = at.brightness * (1 - at.saturation * Math.max(0, Math.min(k, 4 - k, 1)));
        return Math.round(channel * 255)
          .toString(16)
          .padStart(2, '0');
      })
      .join('');
  }

  function colorOf(hex) {
    var rgb = colorChannels(hex);
    var most = Math.max.apply(null, rgb);
    var range = most - Math.min.apply(null, rgb);
    var hue = 0;
    if (range > 0 && most === rgb[0]) hue = ((rgb[1] - rgb[2]) / range + 6) % 6;
    else if (range > 0 && most === rgb[1]) hue = (rgb[2] - rgb[0]) / range + 2;
    else if (range > 0) hue = (rgb[0] - rgb[1]) / range + 4;
    return { hue: hue * 60, saturation: most === 0 ? 0 : range / most, brightness: most / 255 };
  }

  function show() {
    var rgb = colorChannels(field.value);
    field.style.backgroundColor = '#' + field.value;
    field.style.color = 0.3 * rgb[0] + 0.59 * rgb[1] + 0.11 * rgb[2] < 128 ? '#fff' : '#000';
    cross.style.left = (color.hue / 360) * (width - 1) + 'px';
    cross.style.top = (1 - color.saturation) * (height - 1) + 'px';
    mark.style.top = (1 - color.brightness) * (height - 1) + 'px';
    bar.style.background = `linear-gradient(#${hexOf(Object.assign({}, color, { brightness: 1 }))}, #000)`;
  }

  /** Takes over what the field holds; puts back the colour before if that is none. */
  function read() {
    var digits = field.value.replace('#', '').toLowerCase();
    if (/^[0-9a-f]{3}$/.test(digits)) digits = digits.replace(/./g, '$&$&');
    if (/^[0-9a-f]{6}$/.test(digits)) {
      color = colorOf(digits);
      field.value = digits.toUpperCase();
    } else field.value = hexOf(color).toUpperCase();
    show();
  }

  /** Sets colour parts from where the mouse is on an element, as shares of its width and height. */
  function onDrag(element, set) {
    var held = false;
    function take(event) {
      var place = element.getBoundingClientRect();
      function share(at, size) {
        return Math.min(1, Math.max(0, at / (size - 1)));
      }
      set(share(event.clientX - place.left, place.width), share(event.clientY - place.top, place.height));
      field.value = hexOf(color).toUpperCase();
      show();
    }
    element.addEventListener('mousedown', function (event) {
      event.preventDefault();
      held = true;
      take(event);
    });
    document.addEventListener('mousemove', function (event) {
      if (held) take(event);
    });
    document.addEventListener('mouseup', function () {
      held = false;
    });
  }

  onDrag(palette.parentElement, function (x, y) {
    color.hue = x * 359.9;
    color.saturation = 1 - y;
  });
  onDrag(bar, function (x, y) {
    color.brightness = 1 - y;
  });
  field.setAttribute('autocomplete', 'off');
  field.addEventListener('change', read);
  document.addEventListener('mousedown', function (event) {
    if (box.contains(event.target)) return;
    box.hidden = event.target !== field;
    var place = field.getBoundingClientRect();
    box.style.left = place.left + scrollX + 'px';
    box.style.top = place.bottom + scrollY + 'px';
  });
  paint();
  read();
};
