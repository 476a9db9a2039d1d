/** The problem of the choose-date pages: a day between two, by a calendar that opens at a read-only field. Needs datepicker.js. */
var chooseDate = { calendar: null, first: null, last: null };

/** @param animate  whether the calendar fades. */
chooseDate.setUp = function (first, last, animate) {
  chooseDate.first = first;
  chooseDate.last = last;
  chooseDate.calendar = ui.datepicker(document.getElementById('datepicker'), {
    min: first,
    max: last,
    animate: animate,
  });
};

chooseDate.draw = function () {
  var field = document.getElementById('datepicker');
  var date = ui.usDate(ui.randomDate(chooseDate.first, chooseDate.last));
  field.value = '';
  chooseDate.calendar.hide();
  ui.query(`Select ${date} as the date and hit submit.`);
  document.getElementById('subbtn').onclick = function () {
    core.endEpisode(field.value === date ? 1 : -1, field.value === date);
  };
};
