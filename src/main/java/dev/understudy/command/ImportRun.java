package dev.understudy.command;

import dev.understudy.command.ImportedCheck.Loadable;
import dev.understudy.config.Problem;
import dev.understudy.file.BoundedFile;
import dev.understudy.haproxy.HaproxyImport;
import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.HaproxyImport.Surroundings;
import dev.understudy.haproxy.HaproxyImport.Unreadable;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.syntax.HaproxyVersion;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs {@code import}: translates HAProxy's configuration into a dynamic file, with a verdict for
 * each line.
 *
 * @param out gets the dynamic file if there is no {@code output}
 * @param errors gets the report
 * @param file HAProxy's configuration
 * @param output the dynamic file to write
 * @param version of HAProxy; null: nobody names it
 */
record ImportRun(
    PrintWriter out,
    PrintWriter errors,
    Path file,
    @Nullable Path output,
    @Nullable HaproxyVersion version) {
  private static final int GOOD = 0;
  private static final int LOSSY = 1;
  private static final int UNREADABLE = 2;

  /**
   * Runs the import.
   *
   * @return the exit status
   */
  int run() throws IOException {
    String unsuitable = outputProblem();
    if (!unsuitable.isEmpty()) {
      errors.println(unsuitable);
      return UNREADABLE;
    }
    String text;
    try {
      text = read(file);
    } catch (IOException e) {
      errors.println(file + ": expected a readable file: " + BoundedFile.reason(e));
      return UNREADABLE;
    }
    ImportedFiles files = output == null ? null : new ImportedFiles(file, output);
    Surroundings surroundings =
        new Surroundings(
            file.toString(),
            System::getenv,
            this::named,
            name -> files != null && files.isTaken(name),
            version);
    return switch (HaproxyImport.of(text, surroundings)) {
      case Unreadable unreadable -> {
        errors.print(unreadable.report());
        errors.flush();
        yield UNREADABLE;
      }
      case Imported imported -> {
        try (ImportedCheck check = new ImportedCheck()) {
          yield imported(check.loadable(imported, text, surroundings), check, files);
        }
      }
    };
  }

  private int imported(Loadable made, ImportedCheck check, @Nullable ImportedFiles files)
      throws IOException {
    Imported imported = made.imported();
    List<Problem> problems = made.problems();
    List<Problem> defects =
        problems.stream().filter(each -> !ImportedCheck.isOfNamedFile(each)).toList();
    if (!defects.isEmpty()) {
      defects.forEach(each -> defect(each, imported));
      errors.flush();
      return UNREADABLE;
    }
    if (files == null || output == null) {
      out.print(imported.yaml());
      out.flush();
    } else {
      files.write(imported, errors);
      problems = check.written(output);
    }
    report(problems, imported);
    return imported.isLossy() || !problems.isEmpty() ? LOSSY : GOOD;
  }

  /** Reports what would not load: nothing is written then. */
  private void defect(Problem problem, Imported imported) {
    LineVerdict origin = ImportedCheck.origin(problem, imported, Set.of());
    errors.println(
        file
            + (origin == null ? "" : ":" + origin.line() + ": " + origin.source())
            + ": nothing is written, as the dynamic file would not load ("
            + problem
            + "). This is a defect in the import: please report it. Without that line, the rest can"
            + " be imported");
  }

  /** Why the output cannot be written; empty if it can. */
  private String outputProblem() throws IOException {
    if (output == null) {
      return "";
    }
    Path parent = output.toAbsolutePath().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      return output + ": expected a file in a directory that exists, found none at " + parent;
    }
    if (Files.isDirectory(output)) {
      return output + ": expected a file, found a directory";
    }
    if (Files.exists(output) && Files.exists(file) && Files.isSameFile(file, output)) {
      return output + ": expected a file other than the configuration that is imported";
    }
    return "";
  }

  private void report(List<Problem> problems, Imported imported) {
    if (!problems.isEmpty()) {
      errors.println("THE DYNAMIC FILE HAS PROBLEMS: it cannot be loaded until each is solved:");
      problems.forEach(each -> errors.println("  " + each));
      errors.println();
    }
    if (output == null && !imported.extraFiles().isEmpty()) {
      errors.println(
          "Not written, as -o is not given: " + String.join(", ", imported.extraFiles().keySet()));
      errors.println();
    }
    errors.print(imported.report());
    errors.flush();
  }

  private static String read(Path file) throws IOException {
    byte[] content = BoundedFile.read(file, HaproxyImport.LONGEST);
    if (content.length > HaproxyImport.LONGEST) {
      throw new IOException("it has more than 8 MB");
    }
    return new String(content, StandardCharsets.UTF_8);
  }

  /** A file that the configuration names, if it can be read here. */
  private Optional<String> named(String name) {
    try {
      Path parent = file.toAbsolutePath().getParent();
      Path path = parent == null ? Path.of(name) : parent.resolve(name);
      return Files.isRegularFile(path) ? Optional.of(read(path)) : Optional.empty();
    } catch (IOException | InvalidPathException e) {
      return Optional.empty();
    }
  }
}
