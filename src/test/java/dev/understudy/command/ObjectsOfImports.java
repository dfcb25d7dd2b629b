package dev.understudy.command;

import dev.understudy.haproxy.HaproxyImport;
import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.objects.GatewayObjects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Objects as {@code import --gateway-api} makes them. */
public final class ObjectsOfImports {
  private ObjectsOfImports() {}

  public static GatewayObjects of(Path file) throws IOException {
    return of(Files.readString(file));
  }

  public static GatewayObjects of(String configuration) {
    Imported imported =
        (Imported)
            HaproxyImport.of(
                configuration,
                new HaproxyImport.Surroundings(
                    "haproxy.cfg", name -> null, name -> Optional.empty(), name -> false));
    return GatewayObjects.of(imported.yaml(), ImportRun::refusals);
  }
}
