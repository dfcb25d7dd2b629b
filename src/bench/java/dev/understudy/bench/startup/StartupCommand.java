package dev.understudy.bench.startup;

import dev.understudy.bench.JvmOptions;
import dev.understudy.bench.WorkFolder;
import dev.understudy.bench.origin.Origin;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.report.Goal;
import dev.understudy.bench.report.Machine;
import dev.understudy.bench.report.Spread;
import dev.understudy.bench.report.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code startup}. */
@Command(
    name = "startup",
    description = {
      "From the start of the process to the first response of a server behind it.",
      "For the jar, for the extracted jar, and for that with an AOT cache as in the image. The"
          + " forms are started in turn."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class StartupCommand implements Callable<Integer> {
  @Option(
      names = "--rounds",
      description = "each starts every form once, after one that does not count")
  private int rounds = 5;

  @Option(names = "--quick", description = "two rounds")
  private boolean quick;

  @Mixin private final JvmOptions jvmOptions = new JvmOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<Form, List<Start>> starts = new LinkedHashMap<>();
    try (WorkFolder folder = WorkFolder.make();
        Origin origin = Origin.start(folder.path())) {
      Site site = Site.of(folder.path(), List.of(origin.port()));
      List<Form> forms = Form.all(site, jvmOptions.jvm());
      for (Form form : forms) {
        starts.put(form, new ArrayList<>());
        Start.of(form, site);
      }
      for (int round = 1; round <= (quick ? 2 : rounds); round++) {
        for (Form form : forms) {
          Start start = Start.of(form, site);
          starts.get(form).add(start);
          System.err.printf("round %d: %s: %.2f s%n", round, form.title(), start.seconds());
        }
      }
    }
    print(starts);
    return 0;
  }

  private static void print(Map<Form, List<Start>> starts) {
    Table table =
        new Table("start of", "seconds to the first response", "user CPU, seconds", "RSS MB");
    starts.forEach(
        (form, all) ->
            table.add(
                form.title(),
                spread(all, Start::seconds).text(2),
                spread(all, Start::userSeconds).text(2),
                spread(all, Start::rssMegabytes).text(0)));
    List<Start> container = new ArrayList<>(starts.values()).getLast();
    double seconds = spread(container, Start::seconds).median();
    System.out.println("\n" + Machine.describe() + "\n");
    System.out.println(table);
    System.out.println(
        Goal.table(
            List.of(
                new Goal("start to first proxied response, container", 1.5, 1.0, seconds, "s"))));
  }

  private static Spread spread(List<Start> starts, ToDoubleFunction<Start> value) {
    return Spread.of(starts.stream().mapToDouble(value));
  }
}
