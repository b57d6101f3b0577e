// Charts: one look, drawn again when the window, the choices or the appearance change.
const charts = new Map();
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const themeColor = (theme) => css(`--c${C.themes.indexOf(theme) % 8}`);
// Of many groups those that are shown have colours of their own, as far as there are any.
const MANY = 24;
const manyGroups = C.groups.length > MANY;
const groupColor = (group) => css(`--c${(manyGroups ? shownGroups().indexOf(group) : C.groups.findIndex((g) => g.name === group)) % 8}`);

function draw(holder, option, height, click) {
  let canvas = holder.querySelector(".canvas");
  if (!canvas) {
    canvas = document.createElement("div");
    canvas.className = "canvas";
    holder.append(canvas);
  }
  canvas.style.height = height + "px";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", option.label || "");
  let chart = echarts.getInstanceByDom(canvas);
  if (!chart) {
    chart = echarts.init(canvas, null, { renderer: "svg" });
    charts.set(canvas, chart);
  }
  chart.resize();
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: css("--ink") },
    tooltip: {
      confine: true, backgroundColor: css("--card"), borderColor: css("--line"),
      textStyle: { color: css("--ink"), fontSize: 13 }, extraCssText: "max-width: 20rem; white-space: normal; border-radius: 8px;",
    },
    ...option,
  }, { notMerge: true });
  chart.off("click");
  if (click) chart.on("click", click);
  return chart;
}

function panel(place, title, dot) {
  const holder = document.createElement("div");
  holder.className = dot ? "panel" : "panel plain";
  if (dot) holder.style.setProperty("--dot", dot);
  const heading = document.createElement("h3");
  heading.textContent = title;
  holder.append(heading);
  $(place).append(holder);
  return holder;
}

// One panel a name, all laid out before the first is drawn, so that each has its width.
function panels(place, names, dots) {
  clear(place);
  return names.map((name, i) => panel(place, name, dots[i]));
}

// Forgets the charts of a place and empties it.
function clear(place) {
  for (const canvas of $(place).querySelectorAll(".canvas")) {
    charts.get(canvas)?.dispose();
    charts.delete(canvas);
  }
  $(place).replaceChildren();
}

const axisLook = () => ({
  axisLine: { show: false }, axisTick: { show: false },
  axisLabel: { color: css("--soft"), fontSize: 12 },
  splitLine: { lineStyle: { color: css("--grid") } },
});

const narrow = () => window.innerWidth < 640;
// The numbers of a chart of many rows stand above it, where they are seen first.
const axisPlace = (rows) => (rows > MANY ? "top" : "bottom");
const short = (name, most) => (name.length > most ? name.slice(0, most - 1) + "…" : name);
const nameAxis = (names, most = narrow() ? 14 : 20) => ({
  type: "category", data: names, inverse: true, ...axisLook(), splitLine: { show: false },
  axisLabel: { color: css("--ink"), fontSize: 12.5, formatter: (name) => short(name, most), interval: 0 },
});
const nameRoom = (names, most = narrow() ? 14 : 20) => 14 + 7.2 * Math.min(most, Math.max(3, ...names.map((n) => n.length)));

// A horizontal interval with a dot, for a custom series over [value, row, low, high].
function dotWithInterval(color, radius = 5.5) {
  return (params, api) => {
    const row = api.value(1);
    const at = api.coord([api.value(0), row]);
    const children = [];
    if (!Number.isNaN(api.value(2))) {
      const low = api.coord([api.value(2), row])[0], high = api.coord([api.value(3), row])[0];
      children.push({ type: "line", shape: { x1: low, y1: at[1], x2: high, y2: at[1] }, style: { stroke: color, lineWidth: 3, opacity: 0.38, lineCap: "round" } });
    }
    children.push({ type: "circle", shape: { cx: at[0], cy: at[1], r: radius }, style: { fill: color, stroke: css("--card"), lineWidth: 1.5 } });
    return { type: "group", children };
  };
}

// The end of an axis of shares and the step of its ticks, so that both are round.
const shareAxis = (value) => {
  const step = [0.01, 0.02, 0.05, 0.1, 0.2].find((s) => value / s <= 5) || 0.25;
  return { min: 0, max: Math.min(1, Math.ceil(value / step - 1e-9) * step), interval: step };
};
