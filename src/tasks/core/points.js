/** Geometry by the mouse: a plane with given points, on which the user places one more. Needs figures.js and points.css. */

var points = {};

/** Empties the plane. @returns its svg. */
points.clear = function () {
  var svg = document.getElementById('svg-grid');
  svg.replaceChildren();
  return svg;
};

points.dot = function (point, className, color) {
  return figures.circle(point.x, point.y, 3.5, { class: className, fill: color });
};

points.join = function (a, b, color, className) {
  return figures.line(a.x, a.y, b.x, b.y, { stroke: color, class: className || '' });
};

/** Whether a point is so many pixels, sideways or upwards, from all others. */
points.apart = function (point, others, least) {
  return others.every(function (other) {
    return Math.abs(point.x - other.x) >= least || Math.abs(point.y - other.y) >= least;
  });
};

/** The angle at `vertex` between the ways to `a` and `b`, in degrees. */
points.angle = function (a, b, vertex) {
  var first = [a.x - vertex.x, a.y - vertex.y];
  var second = [b.x - vertex.x, b.y - vertex.y];
  var cross = first[0] * second[1] - first[1] * second[0];
  var dot = first[0] * second[0] + first[1] * second[1];
  return (Math.abs(Math.atan2(cross, dot)) * 180) / Math.PI;
};

points.placed = null;

/** Lets a click place the user's point, with a line to `from` unless that is null; the last click counts. */
points.onPlace = function (from) {
  points.placed = null;
  var svg = document.getElementById('svg-grid');
  svg.onclick = function (event) {
    // From the corner of the white area, two pixels off the svg's own, as on the MiniWoB++ pages.
    points.placed = { x: event.pageX, y: event.pageY - 50 };
    svg.querySelectorAll('.blue').forEach(function (old) {
      old.remove();
    });
    svg.append(points.dot(points.placed, 'blue', 'blue'));
    if (from) svg.append(points.join(points.placed, from, 'blue', 'blue'));
  };
};

/** Calls `judge` with the user's point, null if there is none, when Submit is pressed. */
points.onSubmit = function (judge) {
  document.getElementById('subbtn').onclick = function () {
    judge(points.placed);
  };
};
