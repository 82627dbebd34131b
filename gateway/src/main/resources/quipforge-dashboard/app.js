import {element, replace} from './dom.js';
import * as job from './job.js';
import * as list from './list.js';
import * as submission from './submission.js';

const main = document.getElementById('main');
let stop = () => {};

function fail(place, error) {
  replace(place, element('section', {class: 'failure', role: 'alert'},
    element('h2', {}, 'This did not work'),
    element('p', {}, error.message)));
}

function route() {
  stop();
  const [, id] = location.hash.match(/^#\/jobs\/([^/]+)$/) ?? [];
  if (location.hash === '#/new') {
    stop = submission.show(main, fail);
  } else {
    stop = id === undefined ? list.show(main, fail) : job.show(main, fail, decodeURIComponent(id));
  }
}

addEventListener('hashchange', event => {
  if (new URL(event.newURL).hash.startsWith('#/')) {
    route();
    main.focus();
  }
});
route();
