package dev.understudy.scenario;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Programs that {@code src/conformance/kubernetes/build.sh} made, else those on {@code PATH}. */
public final class Binaries {
  private Binaries() {}

  public static Path find(String name) {
    Path built = built();
    return Stream.concat(Stream.of(built), onPath())
        .map(folder -> folder.resolve(name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () ->
                new MissingException(
                    name
                        + " is neither in "
                        + built
                        + " nor on PATH: src/conformance/kubernetes/build.sh makes it"));
  }

  private static Path built() {
    return Optional.ofNullable(System.getenv("UNDERSTUDY_KUBERNETES"))
        .map(Path::of)
        .orElse(Path.of(System.getProperty("user.home"), ".cache", "understudy-kubernetes"))
        .resolve("bin");
  }

  private static Stream<Path> onPath() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(Path::of);
  }

  /** Says what makes it. */
  public static final class MissingException extends IllegalStateException {
    MissingException(String message) {
      super(message);
    }
  }
}
