/** Dates as MiniWoB++ draws and writes them: local time, American English whatever the browser's language is. */

/** A moment in [start, end). */
ui.randomDate = function (start, end) {
  return new Date(start.getTime() + Math.random() * (end.getTime() - start.getTime()));
};

/** One formatter for all: a calendar writes a month of dates at a time, and toLocaleDateString makes one each. */
ui.US_DATE = new Intl.DateTimeFormat('en-US', { day: '2-digit', month: '2-digit', year: 'numeric' });

/** MM/DD/YYYY. */
ui.usDate = function (date) {
  return ui.US_DATE.format(date);
};

/** Such as `2:18 PM`, with a plain space. */
ui.usTime = function (date) {
  var text = date.toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit' });
  return text.replace(/\s/g, ' ');
};
