package dev.understudy.bench.results;

import dev.understudy.bench.report.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code results}. */
@Command(
    name = "results",
    description = {
      "Writes the page of results, and its five numbers into README.md, from what requests,"
          + " failures, startup, peak and growth have measured; measures nothing itself.",
      "Figures of a run with --quick are printed and not written."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class ResultsCommand implements Callable<Integer> {
  @Option(names = "--figures", description = "the folder with the commands' files")
  private Path figures = Figures.FOLDER;

  @Option(names = "--page", description = "is written anew")
  private Path page = Path.of("src", "bench", "RESULTS.md");

  @Option(names = "--readme", description = "gets the five numbers between its marks")
  private Path readme = Path.of("README.md");

  @Override
  public Integer call() throws IOException {
    Measured measured = Measured.read(figures);
    String text = new ResultsPage(measured).text();
    if (measured.quick()) {
      System.out.println(text);
      System.err.println("not written: these are figures of a run with --quick");
      return 0;
    }
    FiveNumbers numbers = new FiveNumbers(measured);
    numbers.requireAll();
    String first = numbers.into(Files.readString(readme));
    Files.writeString(page, text);
    Files.writeString(readme, first);
    System.out.println(page + " and the five numbers in " + readme + " are written");
    return 0;
  }
}
