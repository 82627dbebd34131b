/** What the gateway said when it refused. */
export class Problem extends Error {}

async function call(path, options) {
  const response = await fetch(`/api/v1${path}`, options);
  const body = await response.json();
  if (!response.ok) {
    throw new Problem(body.detail ?? `${response.status} ${response.statusText}`);
  }
  return body;
}

const query = parameters => new URLSearchParams(Object.entries(parameters).filter(([, value]) => value));

export const jobs = (state, after) => call(`/jobs?${query({state, after})}`);
export const job = id => call(`/jobs/${encodeURIComponent(id)}`);
/** A page of the tasks of a job: those in one of the states, behind a place of the plan. */
export const tasks = (id, state, limit, after) => call(`/jobs/${encodeURIComponent(id)}/tasks?${query({state, limit, after})}`);
export const report = id => call(`/jobs/${encodeURIComponent(id)}/report`);
/** Every linear and every expert of one block. */
export const block = (id, index) => call(`/jobs/${encodeURIComponent(id)}/report/blocks/${index}`);
export const artifacts = id => call(`/jobs/${encodeURIComponent(id)}/artifacts`);
export const methods = () => call('/methods');
export const submit = job =>
  call('/jobs', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(job)});
export const cancel = id => call(`/jobs/${encodeURIComponent(id)}`, {method: 'DELETE'});
export const events = id => new EventSource(`/api/v1/jobs/${encodeURIComponent(id)}/events`);

/** Address of a file of a job's model. */
export const artifact = (id, path) =>
  `/api/v1/jobs/${encodeURIComponent(id)}/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`;
