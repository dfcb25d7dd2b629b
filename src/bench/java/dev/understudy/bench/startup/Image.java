package dev.understudy.bench.startup;

import dev.understudy.bench.peer.Child;
import dev.understudy.bench.peer.Jvm;
import dev.understudy.bench.peer.UnderstudyJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the image holds: the jar, the options of {@code deploy/java.options}, and the AOT cache of a
 * run of {@code dev.understudy.training.Training}, made as in the Dockerfile.
 *
 * @param folder in place of the image's {@code /app}
 */
public record Image(Path folder) {
  private static final Path CONFIG = Path.of("config").toAbsolutePath();
  private static final String CACHE_OPTION = "-XX:AOTCache=";

  /** Makes it in a new folder; takes a quarter of a minute. */
  public static Image make(Path folder) throws IOException, InterruptedException {
    Image image = new Image(folder);
    Files.createDirectory(folder);
    Files.copy(UnderstudyJar.JAR, image.folder().resolve(UnderstudyJar.JAR.getFileName()));
    String options = options(Files.readString(Jvm.IMAGE_OPTIONS), folder);
    Files.writeString(image.options(), options);
    Files.createSymbolicLink(folder.resolve("config"), CONFIG);
    image.train(options.replace(CACHE_OPTION, "-XX:AOTCacheOutput="));
    List<String> strict = image.java(List.of("-XX:AOTMode=on"));
    strict.add("--version");
    run("with-cache", folder, strict);
    return image;
  }

  /** The image's options with another folder in place of its own, and without the jar. */
  static String options(String file, Path folder) {
    return file.lines()
        .filter(line -> !line.startsWith("-jar "))
        .map(line -> line.replace("/app/", folder + "/"))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /** The command up to the jar, within the container's limits; further options win. */
  public List<String> java(List<String> more) {
    List<String> command = new ArrayList<>(List.of(Child.java()));
    command.addAll(Jvm.LIMITS);
    command.add("@" + options());
    command.addAll(more);
    command.addAll(List.of("-jar", jar()));
    return command;
  }

  private void train(String options) throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("training.options"), options);
    Path site = Files.createDirectory(folder.resolve("training"));
    run(
        "train",
        folder,
        List.of(
            Child.java(),
            "@" + file,
            "-cp",
            jar(),
            "dev.understudy.training.Training",
            "serve",
            site.toString()));
  }

  private Path options() {
    return folder.resolve("java.options");
  }

  private String jar() {
    return folder.resolve(UnderstudyJar.JAR.getFileName()).toString();
  }

  private static void run(String name, Path folder, List<String> command)
      throws IOException, InterruptedException {
    Child child = Child.start(name, folder, command);
    if (child.awaitEnd() != 0) {
      throw new IOException(name + " failed:\n" + child.log());
    }
  }
}
