-- Migration: 006_credentials
-- Description: Sealed credentials, the keys that they are sealed under, and the move away from plaintext
-- Module: rotation
-- Depends: 001

-- Up
-- What a key was derived by, never the key: without the salt nothing could be opened after a restart.
CREATE TABLE encryption_keys (
    key_id TEXT NOT NULL PRIMARY KEY,
    kdf TEXT NOT NULL CHECK (kdf IN ('scrypt', 'pbkdf2-sha256', 'raw')),
    parameters TEXT NOT NULL DEFAULT '{}',
    salt TEXT,
    registered_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The three envelopes are ciphertext under the master key, sealed once more under the data key that
-- `data_key_id` names. When that data key is destroyed, nobody can read them again.
CREATE TABLE encrypted_credentials (
    id TEXT NOT NULL PRIMARY KEY,
    proxy_id TEXT REFERENCES proxies (id) ON DELETE CASCADE,
    credential_name TEXT NOT NULL CHECK (length(credential_name) BETWEEN 1 AND 300),
    credential_type TEXT NOT NULL CHECK (
        credential_type IN (
            'proxy_auth', 'proxy_password', 'api_key', 'oauth_token', 'oauth', 'basic',
            'certificate', 'ssh_key'
        )
    ),
    encrypted_username TEXT,
    encrypted_password TEXT,
    encrypted_data TEXT,
    encryption_version INTEGER DEFAULT 1 CHECK (encryption_version >= 1),
    key_id TEXT,
    data_key_id TEXT,
    algorithm TEXT DEFAULT 'aes-256-gcm',
    provider TEXT,
    expires_at INTEGER,
    last_rotated_at INTEGER,
    rotation_required INTEGER DEFAULT 0 CHECK (rotation_required IN (0, 1)),
    access_level TEXT DEFAULT 'private' CHECK (
        access_level IN ('private', 'shared', 'admin', 'team', 'organization')
    ),
    created_at INTEGER,
    updated_at INTEGER,
    last_accessed_at INTEGER,
    access_count INTEGER DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_credentials_proxy ON encrypted_credentials (proxy_id);
CREATE INDEX idx_credentials_type ON encrypted_credentials (credential_type);
CREATE INDEX idx_credentials_provider ON encrypted_credentials (provider);
CREATE INDEX idx_credentials_expires ON encrypted_credentials (expires_at)
WHERE expires_at IS NOT NULL;

ALTER TABLE proxies
ADD COLUMN credential_id TEXT REFERENCES encrypted_credentials (id) ON DELETE SET NULL;
CREATE INDEX idx_proxies_credential ON proxies (credential_id);

-- One row, about the move of plaintext passwords into credentials.
CREATE TABLE password_migration_status (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    started_at INTEGER,
    completed_at INTEGER,
    total_proxies INTEGER DEFAULT 0,
    migrated_count INTEGER DEFAULT 0,
    failed_count INTEGER DEFAULT 0,
    last_processed_proxy_id TEXT,
    status TEXT DEFAULT 'pending' CHECK (
        status IN ('pending', 'in_progress', 'completed', 'failed')
    ),
    error_message TEXT
) STRICT;

-- The shape of programs that know one credential a proxy, its envelope in three columns.
CREATE VIEW encrypted_credentials_simple AS
SELECT
    e.proxy_id,
    substr(e.rest, 1, instr(e.rest, ':') - 1) AS encrypted_data,
    e.iv,
    substr(e.rest, instr(e.rest, ':') + 1) AS auth_tag,
    strftime('%Y-%m-%d %H:%M:%S', e.created_at / 1000.0, 'unixepoch') AS created_at
FROM (
    SELECT
        c.proxy_id,
        substr(c.encrypted_password, 1, instr(c.encrypted_password, ':') - 1) AS iv,
        substr(c.encrypted_password, instr(c.encrypted_password, ':') + 1) AS rest,
        c.created_at
    FROM encrypted_credentials AS c
    WHERE
        c.proxy_id IS NOT NULL
        AND c.credential_type = 'proxy_auth'
        AND c.credential_name = 'proxy:' || c.proxy_id
        AND c.encrypted_password IS NOT NULL
) AS e;

-- On encryption_key.registered
INSERT INTO encryption_keys (key_id, kdf, parameters, salt, registered_at)
VALUES ($key_id, $kdf, coalesce(json($parameters), '{}'), $salt, coalesce($at, @time))
ON CONFLICT (key_id) DO NOTHING;

-- On credential.stored
INSERT INTO encrypted_credentials (
    id, proxy_id, credential_name, credential_type, encrypted_username, encrypted_password,
    encrypted_data, encryption_version, key_id, data_key_id, algorithm, provider, expires_at,
    access_level, created_at, updated_at
)
VALUES (
    $credential_id, $proxy_id, $name, $type, $encrypted_username, $encrypted_password,
    $encrypted_data, coalesce($encryption_version, 1), $key_id, $data_key_id,
    coalesce($algorithm, 'aes-256-gcm'), $provider, $expires_at,
    coalesce($access_level, 'private'), coalesce($at, @time), coalesce($at, @time)
);

-- On credential.linked_to_proxy
UPDATE proxies
SET credential_id = $credential_id
WHERE id = $proxy_id;

-- On credential.accessed
UPDATE encrypted_credentials
SET access_count = access_count + 1, last_accessed_at = coalesce($at, @time)
WHERE id = $credential_id;

-- On credential.data_replaced
-- An envelope that is absent from the event stays; an explicit null takes it away.
UPDATE encrypted_credentials
SET
    encrypted_username = iif(
        json_type(@data, '$.encrypted_username') IS NULL, encrypted_username, $encrypted_username
    ),
    encrypted_password = iif(
        json_type(@data, '$.encrypted_password') IS NULL, encrypted_password, $encrypted_password
    ),
    encrypted_data = iif(
        json_type(@data, '$.encrypted_data') IS NULL, encrypted_data, $encrypted_data
    ),
    key_id = coalesce($key_id, key_id),
    data_key_id = coalesce($data_key_id, data_key_id),
    last_rotated_at = coalesce($at, @time),
    updated_at = coalesce($at, @time)
WHERE id = $credential_id;

-- On credential.reencrypted
UPDATE encrypted_credentials
SET
    encrypted_username = $encrypted_username,
    encrypted_password = $encrypted_password,
    encrypted_data = $encrypted_data,
    key_id = $key_id,
    data_key_id = coalesce($data_key_id, data_key_id),
    encryption_version = coalesce($encryption_version, encryption_version),
    rotation_required = 0,
    last_rotated_at = coalesce($at, @time),
    updated_at = coalesce($at, @time)
WHERE id = $credential_id;

-- On credential.rotation_requested
UPDATE encrypted_credentials
SET rotation_required = 1, updated_at = @time
WHERE id = $credential_id;

-- On credential.rotation_cleared
UPDATE encrypted_credentials
SET
    rotation_required = 0,
    last_rotated_at = coalesce($at, @time),
    updated_at = coalesce($at, @time)
WHERE id = $credential_id;

-- On credential.expiration_changed
UPDATE encrypted_credentials
SET expires_at = $expires_at, updated_at = @time
WHERE id = $credential_id;

-- On credential.access_level_changed
UPDATE encrypted_credentials
SET access_level = $access_level, updated_at = @time
WHERE id = $credential_id;

-- On credential.encryption_version_incremented
UPDATE encrypted_credentials
SET encryption_version = $version, updated_at = @time
WHERE id = $credential_id;

-- On credential.deleted
DELETE FROM encrypted_credentials
WHERE id IN (SELECT d.value FROM json_each($credential_ids) AS d);

-- On credential.password_migration_started
INSERT INTO password_migration_status (id, started_at, total_proxies, status)
VALUES (1, coalesce($at, @time), coalesce($total, 0), 'in_progress')
ON CONFLICT (id) DO UPDATE SET
    started_at = excluded.started_at,
    completed_at = NULL,
    total_proxies = excluded.total_proxies,
    migrated_count = 0,
    failed_count = 0,
    last_processed_proxy_id = NULL,
    status = 'in_progress',
    error_message = NULL;

-- On credential.password_migration_progressed
UPDATE password_migration_status
SET
    migrated_count = $migrated,
    failed_count = coalesce($failed, 0),
    last_processed_proxy_id = $last_proxy_id
WHERE id = 1;

-- On credential.password_migration_finished
UPDATE password_migration_status
SET
    status = $status,
    error_message = $error,
    completed_at = iif($status = 'completed', coalesce($at, @time), NULL)
WHERE id = 1;

-- On encryption_keys.adopted
INSERT INTO encryption_keys (
    key_id, kdf, parameters, salt, registered_at
)
VALUES (
    $key_id, $kdf, $parameters, $salt, $registered_at
);

-- On encrypted_credentials.adopted
INSERT INTO encrypted_credentials (
    id, proxy_id, credential_name, credential_type, encrypted_username, encrypted_password,
    encrypted_data, encryption_version, key_id, data_key_id, algorithm, provider, expires_at,
    last_rotated_at, rotation_required, access_level, created_at, updated_at, last_accessed_at,
    access_count
)
VALUES (
    $id, $proxy_id, $credential_name, $credential_type, $encrypted_username, $encrypted_password,
    $encrypted_data, $encryption_version, $key_id, $data_key_id, $algorithm, $provider, $expires_at,
    $last_rotated_at, $rotation_required, $access_level, $created_at, $updated_at,
    $last_accessed_at, $access_count
);

-- On encrypted_credentials.linked
-- Proxies and credentials refer to each other: these references come when all rows are there.
UPDATE encrypted_credentials
SET proxy_id = $proxy_id
WHERE id = $id;

-- On proxies.adopted
INSERT INTO proxies (
    id, name, host, port, protocol, status, latency, last_checked, failure_count, total_requests,
    success_rate, region, tags, geolocation_json, anonymity, tls, google, exit_differs,
    check_result, exit_ip, created_at, updated_at, weight, rotation_group, credential_id
)
VALUES (
    $id, $name, $host, $port, $protocol, $status, $latency, $last_checked, $failure_count,
    $total_requests, $success_rate, $region, $tags, $geolocation_json, $anonymity, $tls, $google,
    $exit_differs, $check_result, $exit_ip, $created_at, $updated_at,
    iif(json_type(@data, '$.weight') IS NULL, 1.0, $weight), $rotation_group, $credential_id
);

-- On password_migration_status.adopted
INSERT INTO password_migration_status (
    id, started_at, completed_at, total_proxies, migrated_count, failed_count,
    last_processed_proxy_id, status, error_message
)
VALUES (
    $id, $started_at, $completed_at, $total_proxies, $migrated_count, $failed_count,
    $last_processed_proxy_id, $status, $error_message
);

-- Down
DROP VIEW encrypted_credentials_simple;
DROP TABLE password_migration_status;
DROP INDEX idx_proxies_credential;
ALTER TABLE proxies DROP COLUMN credential_id;
DROP TABLE encrypted_credentials;
DROP TABLE encryption_keys;
