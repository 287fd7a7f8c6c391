/// Where a proxy is.
public struct Geolocation: Sendable, Equatable {
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

    /// The place as the log and the projection have it: absent facts left out.
    /// - Throws: `invalid` for a country without a name, or degrees that the earth does not have.
    func json() throws(RotationError) -> JSONValue {
        guard !country.isEmpty else {
            throw RotationError(.invalid(field: "geolocation"), "A place names its country.")
        }
        for (degrees, most) in [(latitude, 90.0), (longitude, 180.0)] {
            guard let degrees, !(abs(degrees) <= most) else { continue }
            throw RotationError(
                .invalid(field: "geolocation"), "\(degrees) degrees are more than \(most).")
        }
        var place: [String: JSONValue] = ["country": .string(country)]
        let words = [
            ("countryName", countryName), ("region", region), ("city", city),
            ("timezone", timezone), ("isp", isp), ("asn", asn),
        ]
        for (name, word) in words { place[name] = word.map(JSONValue.string) }
        place["latitude"] = latitude.map(JSONValue.number)
        place["longitude"] = longitude.map(JSONValue.number)
        return .object(place)
    }
}
