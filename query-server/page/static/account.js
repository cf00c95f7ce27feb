import { put, signIn } from "./api.js";
import { field, h, notice } from "./dom.js";

// signInForm asks who it is; done is called with the session.
export function signInForm(done) {
  const username = h("input", { name: "username", autocomplete: "username", required: true, autocapitalize: "none", spellcheck: "false" });
  const password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true });
  const form = h("form", { submit: submitting(async () => done(await signIn(username.value, password.value))) },
    field("User name", username), field("Password", password), h("button", null, "Sign in"));
  return h("div", { class: "narrow" }, h("section", { class: "card" },
    h("h1", null, "Sign in"), h("p", { class: "lead" }, "Points, tickets and sales that can be proven."), form));
}

// passwordForm changes the own password.
export function passwordForm() {
  const current = h("input", { name: "current", type: "password", autocomplete: "current-password", required: true });
  const next = h("input", { name: "next", type: "password", autocomplete: "new-password", required: true, minlength: "8", "aria-describedby": "password-rule" });
  const form = h("form", { submit: submitting(async () => {
    await put("/v1/password", { currentPassword: current.value, newPassword: next.value });
    form.reset();
    form.before(notice("Your password is changed. You are signed out everywhere else.", true));
  }) },
  field("Current password", current), field("New password", next),
  h("p", { class: "small", id: "password-rule" }, "At least 8 characters. Longer is better; no other rules."),
  h("button", null, "Change password"));
  return h("div", { class: "narrow" }, h("section", { class: "card" }, h("h1", null, "Password"), form));
}

// submitting runs an action once at a time, and says above the form what went wrong.
function submitting(action) {
  return async (event) => {
    event.preventDefault();
    const form = event.target, button = form.querySelector("button");
    form.parentElement.querySelectorAll(".notice").forEach((old) => old.remove());
    button.disabled = true;
    try {
      await action();
    } catch (problem) {
      form.before(notice(problem.message));
      form.querySelector("input[type=password]").select();
    }
    button.disabled = false;
  };
}
