// Writes out what is known at each instruction: data-states holds numbers of the parts of states, one state after the
// other, data-path whether the first is that of the path shown, data-visits how often the instruction was walked.
for (const details of document.querySelectorAll("details[data-states]")) {
  const states = details.dataset.states.split("|").map(state => state.split(" ").map(n => parts[parseInt(n, 36)]).join(" "));
  details.firstChild.textContent = states[0];
  details.addEventListener("toggle", () => {
    states.forEach((state, i) => {
      const line = document.createElement("div");
      if (i == 0 && "path" in details.dataset) {
        line.append(Object.assign(document.createElement("b"), {textContent: "on this path "}));
      }
      line.append(state);
      details.append(line);
    });
    if ("visits" in details.dataset) {
      details.append(Object.assign(document.createElement("div"),
          {className: "soft", textContent: "walked " + details.dataset.visits + " times"}));
    }
  }, {once: true});
}
