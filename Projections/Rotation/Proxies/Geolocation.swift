/// Where a proxy is.
public struct Geolocation: Codable, Sendable, Equatable {
    /// The country's code.
    public var country: String
    /// The country's name.
    public var countryName: String?
    /// The region.
    public var region: String?
    /// The city.
    public var city: String?
    /// Degrees north.
    public var latitude: Double?
    /// Degrees east.
    public var longitude: Double?
    /// The time zone's name.
    public var timezone: String?
    /// Who runs the network.
    public var isp: String?
    /// The network's number, as text.
    public var asn: String?

    /// Makes a place.
    public init(
        country: String, countryName: String? = nil, region: String? = nil, city: String? = nil,
        latitude: Double? = nil, longitude: Double? = nil, timezone: String? = nil,
        isp: String? = nil, asn: String? = nil
    ) {
        self.country = country
        self.countryName = countryName
        self.region = region
        self.city = city
        self.latitude = latitude
        self.longitude = longitude
        self.timezone = timezone
        self.isp = isp
        self.asn = asn
    }
}
