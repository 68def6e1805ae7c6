// A form or button with data-post sends its fields as JSON to that route of the auth
// package, then to the one in data-then, and opens data-next.
"use strict";

const prefix = document.body.dataset.prefix;

async function post(route, body) {
  const response = await fetch(prefix + route, {
    method: "POST",
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  // Whoever is logged out already need not log out.
  if (response.ok || (route === "/logout" && response.status === 401)) return;
  const problem = await response.json().catch(() => ({ title: "Something went wrong." }));
  const fields = Object.entries(problem.fields ?? {}).map(([name, error]) => `${name} ${error.text}`);
  throw new Error([problem.title, ...fields].join(" "));
}

async function submit(element, body) {
  const message = document.getElementById("message");
  message.textContent = "";
  try {
    await post(element.dataset.post, body);
    if (element.dataset.then) await post(element.dataset.then, body);
    location.assign(element.dataset.next);
  } catch (error) {
    message.textContent = error.message;
  }
}

for (const form of document.querySelectorAll("form[data-post]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = {};
    for (const input of form.querySelectorAll("input")) {
      body[input.name] = input.type === "checkbox" ? input.checked : input.value;
    }
    submit(form, body);
  });
}

for (const button of document.querySelectorAll("button[data-post]")) {
  button.addEventListener("click", () => submit(button));
}
