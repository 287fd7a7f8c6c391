/// The projection of the rebuild measurement: one table of six columns with a CHECK, one handler.
enum BenchProjection {
    static let manifest = """
        name: bench
        description: One table of proxies
        modules:
          - { name: bench, range: [1, 9], description: "proxies" }
        """

    static let migration = """
        -- Migration: 001_proxies
        -- Description: One table of proxies
        -- Module: bench

        -- Up
        CREATE TABLE proxies (
            id TEXT NOT NULL PRIMARY KEY,
            host TEXT NOT NULL,
            port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
            weight REAL NOT NULL,
            enabled INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        );

        -- On proxy.added
        INSERT INTO proxies (id, host, port, weight, enabled, created_at)
        VALUES ($proxy_id, $host, $port, $weight, $enabled, @position);

        -- Down
        DROP TABLE proxies;

        """
}
