package dev.understudy.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;

/** Writes completion scripts and manual page for packages; run by the build. */
public final class PackageFiles {
  private PackageFiles() {}

  /**
   * Writes {@code completion/understudy.bash}, {@code completion/_understudy} and {@code
   * man/understudy.1}.
   *
   * @param args the folder to write into
   */
  public static void main(String[] args) throws IOException {
    CommandLine program =
        UnderstudyCommand.commandLine(
            () -> {
              throw new UnsupportedOperationException("only the command line's model is used");
            });
    Path folder = Path.of(args[0]);
    Path completion = Files.createDirectories(folder.resolve("completion"));
    Files.writeString(completion.resolve("understudy.bash"), CompletionScript.bash.text(program));
    Files.writeString(completion.resolve("_understudy"), CompletionScript.zsh.text(program));
    Path manual = Files.createDirectories(folder.resolve("man")).resolve("understudy.1");
    Files.writeString(manual, ManualPage.of(program.getCommandSpec()));
  }
}
