/** Dates as MiniWoB++ draws and writes them: local time, American English whatever the browser's language is. */

/** A moment in [start, end). */
ui.randomDate = function (start, end) {
  return new Date(start.getTime() + Math.random() * (end.getTime() - start.getTime()));
};

/** MM/DD/YYYY. */
ui.usDate = function (date) {
  var options = { day: '2-digit', month: '2-digit', year: 'numeric' };
  return date.toLocaleDateString('en-US', options);
};

/** Such as `2:18 PM`, with a plain space. */
ui.usTime = function (date) {
  var text = date.toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit' });
  return text.replace(/\s/g, ' ');
};
