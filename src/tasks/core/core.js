/**
 * The page contract of MiniWoB++ (environment that BrowserGym's setup script drives), written afresh: the `core` object, the
 * WOB_* globals, the heads-up display and the start cover. A classic, sloppy-mode script: outside drivers assign these globals.
 *
 * Life of an episode: onload -> core.startEpisode() shows the cover; core.startEpisodeReal() calls the page's genProblem() and
 * starts the clock; the page calls core.endEpisode(reward, timeProportional, reason) once.
 */

/** Reward of the last episode, scaled by the time that was left where the task asks for it. */
var WOB_REWARD_GLOBAL = 0;
/** Reward of the last episode as the task gave it. */
var WOB_RAW_REWARD_GLOBAL = 0;
var WOB_REWARD_REASON = null;
var WOB_DONE_GLOBAL = false;
/** Episodes finished since the page was loaded. */
var WOB_EPISODE_ID = 0;
/** A page that needs time after genProblem() sets this false until it can be used. */
var WOB_TASK_READY = true;
/** Which distribution genProblem() draws from; only some tasks read it. */
var WOB_DATA_MODE = 'default';

var core = {
  /** ms; a page may set its own before the episode starts. */
  EPISODE_MAX_TIME: 10000,
  /** Armed while an episode runs. Null means that endEpisode() has nothing to end. */
  EP_TIMER: null,
  CD_TIMER: null,
  ept0: null,
  cover_div: null,
  wob_latest: '-',
  wob_scores: [],
};

/** Integer in [min, max). */
core.randi = function (min, max) {
  return Math.floor(core.randf(min, max));
};

/** Real in [min, max). */
core.randf = function (min, max) {
  return min + Math.random() * (max - min);
};

core.sample = function (list) {
  return list[core.randi(0, list.length)];
};

/** Fisher-Yates from the end, in place. */
core.shuffle = function (list) {
  for (var last = list.length - 1; last >= 0; last--) {
    var pick = core.randi(0, last + 1);
    var held = list[last];
    list[last] = list[pick];
    list[pick] = held;
  }
  return list;
};

core.QueryString = Object.fromEntries(new URLSearchParams(window.location.search));

core.getOpt = function (options, key, fallback) {
  return options[key] === undefined ? fallback : options[key];
};

core.setDataMode = function (mode) {
  WOB_DATA_MODE = mode;
};

/** The instruction, as the agent is told it. */
core.getUtterance = function () {
  return document.getElementById('query').textContent.replace(/\s+/g, ' ').trim();
};

core.startEpisode = function () {
  core.createDisplay();
  if (core.cover_div === null) {
    core.cover_div = document.createElement('div');
    core.cover_div.id = 'sync-task-cover';
    core.cover_div.textContent = 'START';
    core.cover_div.onclick = function () {
      core.startEpisodeReal();
    };
    document.body.appendChild(core.cover_div);
  }
  core.cover_div.style.display = 'block';
};

core.startEpisodeReal = function () {
  genProblem();
  WOB_DONE_GLOBAL = false;
  WOB_REWARD_GLOBAL = 0;
  WOB_RAW_REWARD_GLOBAL = 0;
  WOB_REWARD_REASON = null;
  window.getSelection().removeAllRanges();
  core.canvasClear();
  window.scrollTo(0, 0);
  core.cover_div.style.display = 'none';
  core.ept0 = Date.now();
  core.countdownTimer(core.EPISODE_MAX_TIME);
  clearTimeout(core.EP_TIMER);
  core.EP_TIMER = setTimeout(function () {
    core.endEpisode(-1, false, 'timed out');
  }, core.EPISODE_MAX_TIME);
};

/**
 * Ends the running episode; a second call in one episode does nothing.
 *
 * @param reward  in [-1, 1]; above 0 is a success for BrowserGym.
 * @param timeProportional  scale the reward by the share of EPISODE_MAX_TIME that is left.
 */
core.endEpisode = function (reward, timeProportional, reason) {
  if (core.EP_TIMER === null) return;
  clearTimeout(core.EP_TIMER);
  core.EP_TIMER = null;

  WOB_RAW_REWARD_GLOBAL = reward;
  WOB_REWARD_REASON = reason === undefined ? null : reason;
  var left = Math.max(0, 1 - (Date.now() - core.ept0) / core.EPISODE_MAX_TIME);
  WOB_REWARD_GLOBAL = timeProportional ? reward * left : reward;
  WOB_DONE_GLOBAL = true;
  WOB_EPISODE_ID++;

  core.wob_latest = WOB_REWARD_GLOBAL;
  core.wob_scores = core.wob_scores.concat(WOB_REWARD_GLOBAL).slice(-10);
  core.clearTimer();
  core.startEpisode();
};

/** Makes the heads-up display if the page has none, and shows the latest numbers in it. */
core.createDisplay = function () {
  if (document.getElementById('reward-display') === null) {
    var canvas = document.createElement('canvas');
    canvas.id = 'click-canvas';
    canvas.width = 160;
    canvas.height = 210;
    var display = document.createElement('div');
    display.id = 'reward-display';
    var rows = [
      ['Reward', 'reward-last'],
      ['Mean of 10', 'reward-avg'],
      ['Time left', 'timer-countdown'],
      ['Episodes', 'episode-id'],
    ];
    rows.forEach(function (row) {
      var line = document.createElement('div');
      var value = document.createElement('span');
      value.id = row[1];
      value.textContent = '-';
      line.append(row[0] + ': ', value);
      display.append(line);
    });
    document.body.append(canvas, display);
    document.body.addEventListener('click', core.canvasDrawClick);
  }
  core.reloadDisplay();
};

core.reloadDisplay = function () {
  var scores = core.wob_scores;
  var total = scores.reduce(function (sum, score) {
    return sum + score;
  }, 0);
  document.getElementById('episode-id').textContent = String(WOB_EPISODE_ID);
  if (scores.length === 0) return;
  document.getElementById('reward-last').textContent = core.wob_latest.toFixed(2);
  document.getElementById('reward-avg').textContent = (total / scores.length).toFixed(2);
};

core.hideDisplay = function () {
  document.getElementById('reward-display').style.display = 'none';
};

/** Counts the seconds of an episode down on the display; `time` in ms. */
core.countdownTimer = function (time) {
  core.clearTimer();
  var left = Math.round(time / 1000);
  function tick() {
    var shown = document.getElementById('timer-countdown');
    if (shown !== null) shown.textContent = left + ' s';
    if (left <= 0) clearInterval(core.CD_TIMER);
    left--;
  }
  core.CD_TIMER = setInterval(tick, 1000);
  tick();
};

core.clearTimer = function () {
  clearInterval(core.CD_TIMER);
  var shown = document.getElementById('timer-countdown');
  if (shown !== null) shown.textContent = '-';
};

/** A person's click leaves a dot beside the task; the agent's page has no such canvas. */
core.canvasDrawClick = function (event) {
  var canvas = document.getElementById('click-canvas');
  if (canvas === null || event.target === core.cover_div || event.pageX > 160 || event.pageY > 210) return;
  var context = canvas.getContext('2d');
  context.fillStyle = 'rgba(90, 90, 220, 0.7)';
  context.beginPath();
  context.arc(event.pageX, event.pageY, 4, 0, 2 * Math.PI);
  context.fill();
  core.dotted = true;
};

/** A canvas that nobody drew on is clear, and costs nothing until somebody asks for its context. */
core.canvasClear = function () {
  var canvas = document.getElementById('click-canvas');
  if (canvas === null || !core.dotted) return;
  canvas.getContext('2d').clearRect(0, 0, 160, 210);
  core.dotted = false;
};
