import * as api from './api.js';
import {bar, element, replace, state, table} from './dom.js';
import {moment} from './format.js';

const STATES = ['SUBMITTED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'];
const REFRESH_MILLIS = 3000;
const COLUMNS = [
  {name: 'Name'}, {name: 'State'}, {name: 'Model'}, {name: 'Bits', number: true}, {name: 'Progress'}, {name: 'Created'},
];

/** The list of jobs, which keeps itself up to date. Returns a function that stops it. */
export function show(main, fail) {
  document.title = 'Jobs · quipforge';
  let wanted = '';
  let after = null;
  const body = element('div');

  async function refresh() {
    try {
      const page = await api.jobs(wanted, after);
      replace(body, page.jobs.length === 0 ? nothing() : rows(page.jobs), pages(page.next));
    } catch (error) {
      fail(body, error);
    }
  }

  function pages(next) {
    return element('p', {class: 'row'},
      after === null ? null : element('button', {id: 'newest', type: 'button', click: () => turn(null)}, 'Newest jobs'),
      next === null ? null : element('button', {id: 'older', type: 'button', click: () => turn(next)}, 'Older jobs'));
  }

  function turn(to) {
    after = to;
    refresh();
  }

  const filter = element('select', {id: 'state', change: event => {
    wanted = event.target.value;
    turn(null);
  }}, element('option', {value: ''}, 'all'), STATES.map(name => element('option', {value: name}, name.toLowerCase())));
  replace(main,
    element('div', {class: 'row'},
      element('h1', {}, 'Jobs'),
      element('label', {}, 'State ', filter)),
    element('section', {'aria-label': 'Jobs'}, body));
  refresh();
  const timer = setInterval(refresh, REFRESH_MILLIS);
  return () => clearInterval(timer);
}

function rows(jobs) {
  return table('Jobs, newest first', COLUMNS, jobs.map(job => element('tr', {},
    element('td', {}, element('a', {href: `#/jobs/${job.id}`}, job.name)),
    element('td', {}, state(job.state)),
    element('td', {}, element('code', {}, job.request.model.directory)),
    element('td', {class: 'number'}, job.request.recipe.bits),
    element('td', {}, bar(`Progress of ${job.name}`, job.fraction)),
    element('td', {}, moment(job.createdAt)))));
}

function nothing() {
  return element('p', {class: 'quiet'}, 'No jobs here. Submit ', element('a', {href: '#/new'}, 'a new job'), ' or ',
    element('code', {}, 'POST /api/v1/jobs'), '; the ', element('a', {href: '/swagger-ui/index.html'}, 'API page'),
    ' has an example.');
}
