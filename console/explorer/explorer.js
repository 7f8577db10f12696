// The page of /explorer: GraphiQL, and the one thing it lacks, a place for the API key.
// Globals come from the scripts that index.html loads before this one.
const { React, ReactDOM, GraphiQL } = window;

const keyEntry = 'bulkhead.explorer.apiKey';
const byId = (id) => document.getElementById(id);
const keyInput = byId('key');
const showButton = byId('key-show');
const banner = byId('banner');

const defaultQuery = `# Bulkhead explorer
# Run asks which operation to execute;
# Ctrl-Enter takes the one under the cursor.
# Ctrl-Space completes; the book on the left
# opens the documentation of the schema.

# Who does this key belong to?
query Organization {
  organization {
    id
    name
  }
}

# The first ten sites.
# Lists always need "first", at most 100.
query Sites {
  sites(first: 10) {
    edges {
      node {
        id
        name
      }
    }
  }
}

# The first ten things,
# each with the newest reading of every metric.
query LatestReadings {
  things(first: 10) {
    edges {
      node {
        id
        name
        latest {
          metric {
            name
          }
          at
          value
        }
      }
    }
  }
}
`;

const messages = {
  missing:
    'No API key yet. Paste one above: "npm start" prints the key of the demo organization, ' +
    'and the mutation createApiKey makes others.',
  waiting: 'This key is not in use yet: press Enter or "Use key".',
  unusable: 'This cannot be a key: it contains blanks or characters that no key has. Copy the key again.',
  refused:
    'The gateway refused this key (401). Check that it was copied whole and that it is neither expired nor ' +
    'revoked, then paste it again or use another one.',
  operator: 'The gateway refused this key (401): operator keys (bhop_) work at /operator/graphql only.',
};

/** The key in use; may differ from the input while someone types. */
let apiKey = sessionStorage.getItem(keyEntry) ?? '';

function say(name) {
  banner.textContent = name === null ? '' : messages[name];
  banner.hidden = name === null;
}

/**
 * GraphiQL's fetcher: one POST to this origin. Cookies are left out so that the key alone decides what is visible;
 * headers of the header editor (Idempotency-Key, for example) are sent, but never instead of the key in the input.
 */
async function fetcher(operation, options) {
  const answer = apiKey === '' ? { errors: [{ message: messages.missing }] } : await post(operation, options?.headers);
  // Without `data`, GraphiQL repeats a failed introspection, which would count a refused key twice.
  return operation.operationName === 'IntrospectionQuery' ? { data: null, ...answer } : answer;
}

async function post(operation, extraHeaders) {
  const usedKey = apiKey;
  try {
    const headers = new Headers(extraHeaders);
    headers.set('Content-Type', 'application/json');
    headers.set('Accept', 'application/graphql-response+json, application/json');
    headers.set('X-Api-Key', usedKey);
    const response = await fetch('/graphql', {
      method: 'POST',
      headers,
      body: JSON.stringify(operation),
      credentials: 'omit',
      cache: 'no-store',
    });
    if (usedKey === apiKey) sayAbout(response.status);
    const text = await response.text();
    return parse(text) ?? { errors: [{ message: `HTTP ${response.status}, and the answer is not JSON`, body: text }] };
  } catch (error) {
    return { errors: [{ message: `The request did not reach the gateway: ${error.message}` }] };
  }
}

function sayAbout(status) {
  if (keyInput.value.trim() !== apiKey) return;
  if (status !== 401) say(null);
  else say(apiKey.startsWith('bhop_') ? 'operator' : 'refused');
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Queries, history and theme of this tab. `clear` is GraphiQL's "Clear storage": it must spare the key. */
const tabStorage = {
  getItem: (name) => sessionStorage.getItem(name),
  setItem: (name, value) => sessionStorage.setItem(name, value),
  removeItem: (name) => sessionStorage.removeItem(name),
  get length() {
    return sessionStorage.length;
  },
  clear() {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith('graphiql:')) sessionStorage.removeItem(name);
  },
};

const root = ReactDOM.createRoot(byId('graphiql'));
let generation = 0;

/** Draws GraphiQL anew: a changed key reads the schema again and takes answers of the former key off the screen. */
function draw() {
  generation += 1;
  const logo = React.createElement(GraphiQL.Logo, null, 'GraphiQL');
  root.render(
    React.createElement(
      GraphiQL,
      { key: generation, fetcher, defaultQuery, storage: tabStorage, shouldPersistHeaders: false },
      logo,
    ),
  );
}

function useTypedKey() {
  const typed = keyInput.value.trim();
  if (/[^\x21-\x7e]/.test(typed)) return say('unusable');
  keyInput.value = typed;
  apiKey = typed;
  if (typed === '') sessionStorage.removeItem(keyEntry);
  else sessionStorage.setItem(keyEntry, typed);
  say(typed === '' ? 'missing' : null);
  draw();
}

byId('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  useTypedKey();
});
keyInput.addEventListener('input', (event) => {
  const typed = keyInput.value.trim();
  if (event.inputType === 'insertFromPaste') useTypedKey();
  else if (typed === apiKey) say(typed === '' ? 'missing' : null);
  else say('waiting');
});
byId('key-forget').addEventListener('click', () => {
  keyInput.value = '';
  useTypedKey();
  keyInput.focus();
});
showButton.addEventListener('click', () => {
  const shown = keyInput.type === 'password';
  keyInput.type = shown ? 'text' : 'password';
  showButton.textContent = shown ? 'Hide' : 'Show';
  showButton.setAttribute('aria-pressed', String(shown));
});

keyInput.value = apiKey;
say(apiKey === '' ? 'missing' : null);
draw();
