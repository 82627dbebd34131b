import * as api from './api.js';
import {announce, bar, element, replace, state, table} from './dom.js';
import {experts} from './experts.js';
import {bytes, duration, moment} from './format.js';
import {figures} from './report.js';
import {tuning} from './tuning.js';

const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELLED'];
const PAUSE_MILLIS = 500;
const PAGE = 200;

/** One job, live. Returns a function that stops it. */
export function show(main, fail, id) {
  document.title = 'Job · quipforge';
  const summary = element('div');
  const outcome = element('div');
  const work = element('div');
  replace(main, summary, outcome, work);
  let stopped = false;
  let timer = null;
  let seen = '';
  const pages = [];

  async function refresh() {
    timer = null;
    try {
      const [job, page] = await Promise.all([api.job(id), api.tasks(id, null, PAGE, pages.at(-1))]);
      const paged = page.next !== null || pages.length > 0;
      const running = paged ? (await api.tasks(id, 'RUNNING', PAGE)).tasks : [];
      if (stopped) {
        return;
      }
      document.title = `${job.name} · quipforge`;
      replace(summary, head(job, cancel), failure(job), stages(job));
      replace(work, running.length > 0 ? taskTable('Running', 'Tasks that a worker has', running) : null,
        taskTable('Tasks', 'Tasks of the job, in the order of the plan', page.tasks, paged ? turn(page.next) : null));
      if (job.state !== seen) {
        announce(`Job ${job.name} is ${job.state.toLowerCase()}`);
        seen = job.state;
        await results(job);
      }
    } catch (error) {
      fail(summary, error);
    }
  }

  async function results(job) {
    if (job.state === 'SUCCEEDED') {
      const [report, files] = await Promise.all([api.report(id), api.artifacts(id)]);
      replace(outcome, figures(report), report.experts ? experts(id, report.experts) : null,
        report.tuning ? tuning(report.tuning) : null, artifactList(id, files.artifacts));
    }
  }

  async function cancel() {
    try {
      await api.cancel(id);
    } catch (error) {
      announce(error.message);
    }
    refresh();
  }

  /** To the page before, and to the one that follows. */
  function turn(next) {
    return element('div', {class: 'row'},
      element('button', {id: 'earlier', type: 'button', disabled: pages.length === 0, click() {
        pages.pop();
        refresh();
      }}, 'Earlier tasks'),
      element('button', {id: 'later', type: 'button', disabled: next === null, click() {
        pages.push(next);
        refresh();
      }}, 'Later tasks'));
  }

  function soon() {
    timer ??= setTimeout(refresh, PAUSE_MILLIS);
  }

  const events = api.events(id);
  for (const name of ['task', 'progress']) {
    events.addEventListener(name, soon);
  }
  events.addEventListener('job', event => {
    soon();
    if (ENDED.includes(JSON.parse(event.data).state)) {
      events.close();
    }
  });
  refresh();
  return () => {
    stopped = true;
    events.close();
    clearTimeout(timer);
  };
}

function head(job, cancel) {
  const recipe = job.request.recipe;
  const rest = job.etaSeconds === null ? '' : ` · about ${duration(job.etaSeconds)} left`;
  return [
    element('div', {class: 'row'},
      element('h1', {}, job.name),
      ENDED.includes(job.state)
        ? null
        : element('button', {id: 'cancel', type: 'button', click: cancel}, 'Cancel job')),
    element('p', {class: 'quiet'},
      state(job.state), ` · ${recipe.method} ${recipe.code}, ${recipe.bits} bit${calibrated(recipe)}${tuned(recipe)} · created ${moment(job.createdAt)}${rest}`,
      element('br'), element('code', {}, job.request.model.directory)),
    bar('Progress of the job', job.fraction),
  ];
}

function calibrated({calibration}) {
  return calibration.source === 'text' ? '' : `, calibration: ${calibration.source}`;
}

function tuned({tuning: asked}) {
  return asked ? `, tuned: ${asked.mode} (${asked.preset})` : '';
}

function failure({failure: reason}) {
  return reason === null ? null : element('section', {class: 'failure', role: 'alert'},
    element('h2', {}, `Failed: ${reason.task}`),
    element('p', {}, reason.place === null ? null : element('code', {}, reason.place), reason.place === null ? null : ': ',
      reason.message),
    element('p', {class: 'quiet'}, `${reason.code} in stage ${reason.stage}`));
}

function stages({stages: all}) {
  const columns = [
    {name: 'Stage'}, {name: 'State'}, {name: 'Tasks', number: true}, {name: 'Progress'}, {name: 'Time', number: true},
    {name: 'Left', number: true},
  ];
  return element('section', {'aria-label': 'Stages'},
    element('h2', {}, 'Stages'),
    table('Stages of the job, in order', columns, all.map(stage => element('tr', {},
      element('th', {scope: 'row'}, stage.stage),
      element('td', {}, state(stage.state)),
      element('td', {class: 'number'}, stage.total === 0 ? '–' : `${stage.done} of ${stage.total}`),
      element('td', {}, bar(`Progress of ${stage.stage}`, stage.fraction)),
      element('td', {class: 'number'}, duration(stage.seconds)),
      element('td', {class: 'number'}, duration(stage.etaSeconds))))));
}

function artifactList(id, files) {
  const columns = [{name: 'File'}, {name: 'Size', number: true}, {name: 'SHA-256'}];
  return element('section', {'aria-label': 'Files'},
    element('h2', {}, 'Files'),
    table('Files of the quantized model', columns, files.map(file => element('tr', {},
      element('td', {}, element('a', {href: api.artifact(id, file.path), download: true}, file.path)),
      element('td', {class: 'number'}, bytes(file.bytes)),
      element('td', {}, element('code', {title: file.sha256}, `${file.sha256.slice(0, 16)}…`))))));
}

function taskTable(name, caption, tasks, buttons = null) {
  const columns = [
    {name: 'Task'}, {name: 'State'}, {name: 'Attempt', number: true}, {name: 'Worker'}, {name: 'Progress'},
    {name: 'Time', number: true},
  ];
  return element('section', {'aria-label': name},
    element('h2', {}, name),
    buttons,
    table(caption, columns, tasks.map(task => element('tr', {},
      element('td', {}, task.label, note(task)),
      element('td', {}, state(task.state)),
      element('td', {class: 'number'}, task.attempt),
      element('td', {}, task.worker ?? '–'),
      element('td', {}, bar(`Progress of ${task.label}`, task.fraction)),
      element('td', {class: 'number'}, duration(task.seconds))))));
}

function note({detail, failure: reason}) {
  const text = reason === null ? detail : reason.message;
  return text === null ? null : element('div', {class: 'quiet'}, text);
}
