package dev.understudy.command.client;

import dev.understudy.status.AgeText;
import dev.understudy.status.ReplicaView;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** Shows all pools live. */
@Command(
    name = "top",
    description = {
      "Shows all pools live, worst first, read again every 2 s.",
      "Keys: up and down select a pool, Enter shows its servers, / filters by name or URL, Escape"
          + " drops the filter, q quits. If standard output is not a terminal, one frame is"
          + " printed."
    })
final class TopCommand extends ClientCommand {
  /** Wide enough for most causes where nothing limits a line. */
  private static final int FILE_WIDTH = 200;

  /** Older data is marked: two missed reads. */
  private static final Duration STALE = Duration.ofSeconds(5);

  @Override
  public Integer call() throws IOException {
    ManagementApi api = api(ManagementApi.Notice.NONE);
    ReplicaView first = api.overview();
    try (Terminal terminal = Terminal.open()) {
      if (terminal == null) {
        print(
            TopFrame.all(first, api.base().toString(), TopView.FIRST, FILE_WIDTH).lines().stream()
                .map(TopLine::text)
                .toList());
        return ExitStatus.DONE;
      }
      try (TopSource source = TopSource.start(api, first)) {
        watch(terminal, source, api.base().toString());
      }
    }
    return ExitStatus.DONE;
  }

  private void watch(Terminal terminal, TopSource source, String url) throws IOException {
    TopView view = TopView.FIRST;
    String painted = "";
    while (!view.ended()) {
      TopSource.Newest newest = source.newest();
      String frame = frame(newest, view, url, terminal.size());
      if (!frame.equals(painted)) {
        out().print(frame);
        out().flush();
        painted = frame;
      }
      KeyPress key = KeyPress.read(terminal::read);
      view = view.press(key, view.of(newest.overview().pools()));
    }
  }

  private static String frame(
      TopSource.Newest newest, TopView view, String url, Terminal.Size size) {
    TopFrame frame = TopFrame.all(newest.overview(), url, view, size.columns());
    Duration age = Duration.ofNanos(System.nanoTime() - newest.at());
    List<TopLine> lines = new ArrayList<>();
    if (newest.failure() != null || age.compareTo(STALE) > 0) {
      String why = newest.failure() == null ? "no response yet" : newest.failure();
      lines.add(
          new TopLine("OLD DATA, " + AgeText.of(age) + ": " + why, TopLine.Style.STALE)
              .cut(size.columns()));
    }
    TopFrame fitted = frame.fitted(size.rows() - 1 - lines.size());
    int selected = fitted.selected() < 0 ? -1 : fitted.selected() + lines.size();
    lines.addAll(fitted.lines());
    return painted(lines, selected);
  }

  /** Overwrites the screen from its top left corner, which flickers less than to clear it first. */
  static String painted(List<TopLine> lines, int selected) {
    StringBuilder screen = new StringBuilder("\u001b[H");
    for (int i = 0; i < lines.size(); i++) {
      screen.append(lines.get(i).painted(i == selected)).append("\u001b[K\r\n");
    }
    return screen.append("\u001b[J").toString();
  }
}
