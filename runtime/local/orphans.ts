import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";

/**
 * Waits for the end of its input, which comes with our death however we die, and
 * ends the process groups that we had not said goodbye to: SIGTERM, then SIGKILL.
 */
const watch = `
groups=
while read -r sign group; do
  rest=
  for one in $groups; do [ "$one" = "$group" ] || rest="$rest $one"; done
  groups=$rest
  [ "$sign" = + ] && groups="$groups $group"
done
[ -z "$groups" ] && exit
for one in $groups; do kill -TERM "-$one" 2>/dev/null; done
for second in 1 2 3 4 5; do
  sleep 1
  left=
  for one in $groups; do kill -0 "-$one" 2>/dev/null && left="$left $one"; done
  groups=$left
  [ -z "$groups" ] && exit
done
for one in $groups; do kill -KILL "-$one" 2>/dev/null; done
`;

const guarded = new Set<number>();
let watcher: ChildProcess | undefined;

/**
 * Makes sure that a process group does not outlive this process, even where that
 * is killed. The answer is called when the group has ended. One shell watches for
 * all groups; it is started for the first. Without effect on Windows.
 */
export function guardGroup(group: number): () => void {
  if (process.platform === "win32") return () => {};
  guarded.add(group);
  if (watcher === undefined) watcher = start();
  else tell(watcher, "+", group);
  return () => {
    guarded.delete(group);
    if (watcher !== undefined) tell(watcher, "-", group);
  };
}

function start(): ChildProcess {
  // In a session of its own: what is sent to our group, a Ctrl-C too, is not for it.
  const child = spawn("/bin/sh", ["-c", watch], { detached: true, stdio: ["pipe", "ignore", "ignore"], cwd: "/" });
  const gone = (): void => {
    if (watcher === child) watcher = undefined;
  };
  child.once("error", gone);
  child.once("exit", gone);
  // Written after its death: the next group starts another.
  child.stdin.on("error", gone);
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  for (const group of guarded) tell(child, "+", group);
  return child;
}

function tell(to: ChildProcess, sign: "+" | "-", group: number): void {
  to.stdin?.write(`${sign} ${group}\n`);
}
