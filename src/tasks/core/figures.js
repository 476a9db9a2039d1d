/** SVG elements, made tersely. */

var figures = {};

/** Makes an SVG element; `text` may be left out. */
figures.el = function (tag, attributes, text) {
  var element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  Object.keys(attributes).forEach(function (name) {
    element.setAttribute(name, attributes[name]);
  });
  if (text !== undefined) element.textContent = text;
  return element;
};

figures.circle = function (x, y, radius, attributes) {
  return figures.el('circle', Object.assign({ cx: x, cy: y, r: radius }, attributes));
};

figures.line = function (x1, y1, x2, y2, attributes) {
  return figures.el('line', Object.assign({ x1: x1, y1: y1, x2: x2, y2: y2 }, attributes));
};

/** A closed figure through [x, y] pairs. */
figures.polygon = function (corners, attributes) {
  return figures.el('polygon', Object.assign({ points: corners.join(' ') }, attributes));
};
