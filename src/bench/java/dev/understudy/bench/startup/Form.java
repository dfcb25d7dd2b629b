package dev.understudy.bench.startup;

import dev.understudy.bench.peer.Child;
import dev.understudy.bench.peer.Jvm;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A form in which Understudy can be started.
 *
 * @param java the command up to the jar, the jar included
 */
record Form(String title, List<String> java) {
  private static final int ORDERLY_STOP = 143;

  /** The forms there are; makes the layers and the cache, as the Dockerfile does. */
  static List<Form> all(Site site, Jvm jvm) throws IOException, InterruptedException {
    Path layers = extract(site.folder());
    Path cache = site.folder().resolve("understudy.aot");
    Path jar = layers.resolve(UnderstudyJar.JAR.getFileName());
    train(site, command(jvm, jar, "-XX:AOTCacheOutput=" + cache));
    return List.of(
        new Form("the jar", command(jvm, UnderstudyJar.JAR)),
        new Form("extracted layers", command(jvm, jar)),
        new Form("container: layers, AOT cache", command(jvm, jar, "-XX:AOTCache=" + cache)));
  }

  private static List<String> command(Jvm jvm, Path jar, String... more) {
    List<String> command = new ArrayList<>(List.of(Child.java()));
    command.addAll(jvm.options());
    command.addAll(List.of(more));
    command.addAll(List.of("-jar", jar.toString()));
    return command;
  }

  /** Puts all layers into one folder. */
  private static Path extract(Path folder) throws IOException, InterruptedException {
    Path layers = folder.resolve("layers");
    List<String> command =
        List.of(
            Child.java(),
            "-Djarmode=tools",
            "-jar",
            UnderstudyJar.JAR.toString(),
            "extract",
            "--destination",
            layers.toString());
    Child child = Child.start("extract", folder, command);
    if (child.awaitEnd() != 0 || !Files.isDirectory(layers)) {
      throw new IOException("the jar cannot be extracted: " + child.log());
    }
    return layers;
  }

  /** As {@code deploy/train.sh}: runs until it is ready and has proxied, then stops orderly. */
  private static void train(Site site, List<String> java) throws IOException, InterruptedException {
    int port = Ports.free();
    int managementPort = Ports.free();
    List<String> command =
        Stream.of(
                java,
                UnderstudyJar.serve(site, port, managementPort),
                List.of("--understudy.drain.delay=0s"))
            .flatMap(List::stream)
            .toList();
    Child child = Child.start("train", site.folder(), command);
    child.await(() -> UnderstudyJar.isReady(managementPort) && Start.isProxied(port));
    child.signal("TERM");
    if (child.awaitEnd() != ORDERLY_STOP) {
      throw new IOException("the training run failed: " + child.log());
    }
  }
}
